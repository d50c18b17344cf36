import { type Thresholds } from '../../src/templates/index.js';

export type ArgoPhase = 'Running' | 'Successful' | 'Inconclusive' | 'Failed' | 'Error';

/** What an AnalysisTemplate's `provider.kayenta` says. */
export interface ArgoKayenta {
  /** may carry user information, as `https://assay:TOKEN@host/kayenta` */
  readonly address: string;
  readonly application: string;
  readonly canaryConfigName: string;
  readonly metricsAccountName: string;
  readonly storageAccountName: string;
  readonly configurationAccountName: string;
  readonly threshold: Thresholds;
  readonly scopes: Readonly<Record<string, { readonly controlScope: object; readonly experimentScope: object }>>;
}

/** One measurement. */
export interface ArgoMeasurement {
  readonly phase: ArgoPhase;
  readonly execution: string;
  readonly value: string;
  readonly message: string;
}

/** Argo Rollouts' kayenta provider: its calls, what it reads of their answers, and what it makes of them. */
export class ArgoKayentaClient {
  constructor(private readonly metric: ArgoKayenta) {}

  /** Finds the config by its name, and starts an execution. */
  async run(): Promise<ArgoMeasurement> {
    const { application, storageAccountName, metricsAccountName, configurationAccountName, threshold, scopes } = this.metric;
    const found = await this.configId();
    if ('message' in found) return errored('', found.message);
    const query = new URLSearchParams({ application, metricsAccountName, configurationAccountName, storageAccountName });
    const body = JSON.stringify({ scopes, thresholds: threshold });
    const answer = await this.call(`/canary/${found.id}?${query}`, { method: 'POST', body });
    if (answer.status !== 200) return errored('', `Invalid Response: HTTP ${answer.status} ${answer.text}`);
    const fields = objectOf(answer.text);
    if (!fields) return errored('', 'no JSON object');
    return { phase: 'Running', execution: String(fields['canaryExecutionId'] ?? '<nil>'), value: '', message: '' };
  }

  /** Asked again every 15 s while a measurement is running. */
  async resume(measurement: ArgoMeasurement): Promise<ArgoMeasurement> {
    const { execution } = measurement;
    const answer = await this.call(`/canary/${encodeURIComponent(execution)}`, {});
    if (answer.status !== 200) return errored(execution, `Invalid Response: HTTP ${answer.status}`);
    const fields = objectOf(answer.text);
    const complete = fields?.['complete'];
    if (!fields || typeof complete !== 'boolean') return errored(execution, 'complete is not a boolean');
    if (!complete) return measurement;
    const score = at(fields, 'result', 'judgeResult', 'score', 'score');
    if (typeof score !== 'number') return errored(execution, 'no score');
    const whole = Math.trunc(score);
    const { pass, marginal } = this.metric.threshold;
    const phase = whole >= pass ? 'Successful' : whole >= marginal ? 'Inconclusive' : 'Failed';
    return { phase, execution, value: String(whole), message: '' };
  }

  /** Argo sends the storage account's name where it means the configuration's. Go decodes a timestamp of whole numbers only. */
  private async configId(): Promise<{ id: string } | { message: string }> {
    const { application, storageAccountName, canaryConfigName } = this.metric;
    const query = new URLSearchParams({ application, configurationAccountName: storageAccountName });
    const answer = await this.call(`/canaryConfig?${query}`, {});
    if (answer.status !== 200) return { message: `Invalid Response: HTTP ${answer.status}` };
    const list: unknown = JSON.parse(answer.text);
    if (!Array.isArray(list)) return { message: 'no list' };
    if (list.some(({ updatedTimestamp }) => !Number.isInteger(updatedTimestamp))) return { message: 'updatedTimestamp is no integer' };
    const config: { id: string } | undefined = list.find(({ name }) => name === canaryConfigName);
    return config ?? { message: 'Canary Configuration not found' };
  }

  /** Go takes user information out of the address and sends it as Basic authorization. */
  private async call(
    path: string,
    { method = 'GET', body }: { method?: string; body?: string },
  ): Promise<{ status: number; text: string }> {
    const url = new URL(`${this.metric.address}${path}`);
    const { username, password } = url;
    url.username = url.password = '';
    const response = await fetch(url, {
      method,
      redirect: method === 'POST' ? 'error' : 'follow',
      signal: AbortSignal.timeout(15_000),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(username !== '' && { authorization: `Basic ${btoa(`${username}:${password}`)}` }),
      },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, text: await response.text() };
  }
}

const errored = (execution: string, message: string): ArgoMeasurement => ({ phase: 'Error', execution, value: '', message });

function objectOf(text: string): Record<string, unknown> | null {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
