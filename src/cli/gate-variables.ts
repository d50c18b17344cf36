import type { GateEnd } from './gate.js';
import { standingOf } from './gate-report.js';

/**
 * The end of a gate as `NAME=value` lines for later steps of a pipeline: GitLab's `artifacts:reports:dotenv`, GitHub's
 * `$GITHUB_OUTPUT`, Jenkins' `readProperties`. One line each, whatever a reason holds.
 */
export function variablesOf(end: GateEnd, exitCode: number): string {
  const { outcome, reason, run, verdict } = standingOf(end);
  const values: Readonly<Record<string, string>> = {
    ASSAY_DECISION: outcome,
    ASSAY_EXIT_CODE: String(exitCode),
    ASSAY_RUN: run ?? '',
    ASSAY_RUN_URL: verdict?.url ?? '',
    ASSAY_REASON: reason,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value.replace(/[\s\p{Cc}]+/gu, ' ').trim()}\n`)
    .join('');
}
