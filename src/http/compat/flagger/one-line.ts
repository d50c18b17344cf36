const mostLetters = 500;

/** A text as it fits into an event of Kubernetes. */
export const oneLine = (text: string): string => `${text.replace(/\s+/g, ' ').slice(0, mostLetters)}\n`;
