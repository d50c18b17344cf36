export interface VectorCase {
  readonly id: string;
  readonly method: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance?: { readonly rel?: number; readonly abs?: number; readonly oddsRatioRel?: number };
}
export function checkCase(vector: VectorCase, got: unknown): { path: string; expected: unknown; got: unknown }[];
