/** What an AnalysisTemplate says of one metric; limits that are left out are Argo's defaults. */
export interface ArgoMetric {
  readonly count?: number;
  readonly interval?: string;
  readonly failureLimit?: number;
  readonly inconclusiveLimit?: number;
  readonly consecutiveErrorLimit?: number;
  readonly consecutiveSuccessLimit?: number;
  readonly successCondition?: string;
  readonly failureCondition?: string;
}

export type ArgoPhase = 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';
export type Measurement = Exclude<ArgoPhase, 'Running'>;

/** One measurement from what the server said; null: it did not answer with 2xx. */
export function measurementOf({ successCondition, failureCondition }: ArgoMetric, result: unknown): Measurement {
  if (result === null) return 'Error';
  const holds = (condition: string): boolean => evaluated(condition, result);
  try {
    if (failureCondition !== undefined && holds(failureCondition)) return 'Failed';
    if (successCondition !== undefined) return holds(successCondition) ? 'Successful' : failureCondition ? 'Inconclusive' : 'Failed';
    return 'Successful';
  } catch {
    return 'Error';
  }
}

/** `result.path == "text"`, which is all that the templates of this project say. */
function evaluated(condition: string, result: unknown): boolean {
  const [, path, text] = /^result\.([\w.]+) == "([^"]*)"$/.exec(condition) ?? [];
  if (path === undefined) throw new Error(`this port does not know the condition ${condition}`);
  const value = path.split('.').reduce<unknown>((found, name) => (found as Record<string, unknown>)[name], result);
  if (value === undefined) throw new Error(`no ${path}`);
  return value === text;
}

/** The metric's phase after these measurements, by the order of rules in Argo's `assessMetricStatus`. */
export function phaseAfter(metric: ArgoMetric, measured: readonly Measurement[]): ArgoPhase {
  const count = (kind: Measurement): number => measured.filter((one) => one === kind).length;
  const inARow = (kind: Measurement): number => measured.length - 1 - measured.findLastIndex((one) => one !== kind);
  const { failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4, consecutiveSuccessLimit = 0 } = metric;
  if (measured.length === 0) return 'Running';
  if (count('Failed') > failureLimit) return 'Failed';
  if (count('Inconclusive') > inconclusiveLimit) return 'Inconclusive';
  if (inARow('Error') > consecutiveErrorLimit) return 'Error';
  if (consecutiveSuccessLimit > 0 && inARow('Successful') >= consecutiveSuccessLimit) return 'Successful';
  const wanted = metric.count ?? (metric.interval === undefined ? 1 : Number.POSITIVE_INFINITY);
  if (measured.length - count('Error') >= wanted) return consecutiveSuccessLimit > 0 ? 'Inconclusive' : 'Successful';
  return 'Running';
}

/** Measures until Argo would stop; `ask` gives the body of a 2xx, else null. */
export async function analyse(
  metric: ArgoMetric,
  ask: (index: number) => Promise<unknown>,
): Promise<{ readonly phase: ArgoPhase; readonly measured: readonly Measurement[] }> {
  const measured: Measurement[] = [];
  for (;;) {
    measured.push(measurementOf(metric, await ask(measured.length)));
    const phase = phaseAfter(metric, measured);
    if (phase !== 'Running') return { phase, measured };
  }
}
