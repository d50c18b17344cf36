import { type CanaryMetric, type JudgeName, type Thresholds } from '../../../templates/index.js';

/** Where executions are kept; the id is that of their run. */
export const executionCollection = 'kayenta/execution';

/** What came beside the body. */
export interface ExecutionCaller {
  readonly application: string;
  /** '' for a config that came with the request */
  readonly configId: string;
  readonly parentPipelineExecutionId: string;
  readonly metricsAccountName: string;
  readonly storageAccountName: string;
}

/** What an execution was asked, pinned when it began: a config that changes later changes no answer. */
export interface Execution extends ExecutionCaller {
  readonly judge: JudgeName;
  readonly metrics: readonly Pick<CanaryMetric, 'name' | 'groups' | 'critical' | 'muted'>[];
  readonly groupWeights: Readonly<Record<string, number>>;
  readonly thresholds: Thresholds;
  /** as it came */
  readonly request: unknown;
  /** RFC 3339 */
  readonly start: string;
  readonly end: string;
}
