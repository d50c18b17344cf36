export function methodsOf(
  statistics: object,
  verdictOf: unknown,
): Record<string, ((inputs: Readonly<Record<string, unknown>>) => unknown) | undefined>;
