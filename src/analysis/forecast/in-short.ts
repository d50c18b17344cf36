/** `50 s`, `25 min`, `4.4 h`, `11 days`: as exact as a forecast can be. */
export function aboutSeconds(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${twoDigits(seconds / 60)} min`;
  return seconds < 172_800 ? `${twoDigits(seconds / 3600)} h` : `${twoDigits(seconds / 86_400)} days`;
}

export const percent = (share: number): string => `${trimmed(100 * share)} %`;

/** Without the digits that arithmetic adds. */
export const trimmed = (value: number): number => Number(value.toPrecision(3));

const twoDigits = (value: number): number => (value >= 100 ? Math.round(value) : Number(value.toPrecision(2)));
