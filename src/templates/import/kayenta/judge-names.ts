/** kayenta: the stretch is judged once, as Kayenta does; evidence: Assay's own judge follows the rollout until it knows. */
export type JudgeName = 'kayenta' | 'evidence';

/** As they stand in `judge.name` of a canary config. */
export const judgeNames = { kayenta: 'NetflixACAJudge-v1.0', evidence: 'Assay-v1' } as const;

/** Null: Assay has no judge of this name. Without a name it is Kayenta's own. */
export function judgeNamed(name: string): JudgeName | null {
  if (name === '' || name === judgeNames.kayenta) return 'kayenta';
  return name === judgeNames.evidence ? 'evidence' : null;
}
