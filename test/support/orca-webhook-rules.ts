/** What a webhook stage of a pipeline says, as far as its monitoring reads it. */
export interface WebhookStage {
  readonly url: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly statusJsonPath: string;
  readonly progressJsonPath: string;
  readonly successStatuses: string;
  readonly canceledStatuses: string;
  readonly terminalStatuses: string;
  readonly retryStatusCodes: readonly number[];
}

export type StageStatus = 'RUNNING' | 'SUCCEEDED' | 'CANCELED' | 'TERMINAL';

/** One poll, by the rules of Orca's MonitorWebhookTask. */
export function monitored(stage: WebhookStage, status: number, body: unknown): StageStatus {
  if (status >= 400) return status >= 500 || status === 429 || stage.retryStatusCodes.includes(status) ? 'RUNNING' : 'TERMINAL';
  const found = fieldOf(body, stage.statusJsonPath);
  const progress = fieldOf(body, stage.progressJsonPath);
  if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return 'TERMINAL';
  if (typeof progress !== 'string') return 'TERMINAL';
  if (typeof found === 'number') return found === 100 ? 'SUCCEEDED' : 'RUNNING';
  const statuses: readonly (readonly [string, StageStatus])[] = [
    [stage.terminalStatuses, 'TERMINAL'],
    [stage.canceledStatuses, 'CANCELED'],
    [stage.successStatuses, 'SUCCEEDED'],
  ];
  const named = (list: string): boolean => list.split(',').some((name) => name.trim().toUpperCase() === String(found).toUpperCase());
  return statuses.find(([list]) => named(list))?.[1] ?? 'RUNNING';
}

/** `$.name`, which is all that these stages say. */
function fieldOf(body: unknown, path: string): unknown {
  const [, name = ''] = /^\$\.(\w+)$/.exec(path) ?? [];
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}
