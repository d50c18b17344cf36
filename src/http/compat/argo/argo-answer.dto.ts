import { ApiProperty } from '@nestjs/swagger';
import { type Run } from '../../../domain/index.js';
import { verdictOnWire } from '../../runs/wire.js';
import { atPresentWeight } from '../present-verdict.js';

type ArgoDecision = 'promote' | 'hold' | 'rollback';

/** One metric: `ci` is the interval of the harm, null where a bound is not there yet. */
export class ArgoMetricDto {
  @ApiProperty({ enum: ['promote', 'hold', 'rollback'] })
  decision: ArgoDecision;
  effect: number | null;
  @ApiProperty({ type: [Number], example: [-0.0011, 0.0006] })
  ci: [number | null, number | null];
  margin: number | null;
}

/** Flat, and the same fields in every state: what an `AnalysisTemplate` names is always there. */
export class ArgoAnswerDto {
  run: string;
  /** for tools that poll: `running` until there is something to act on, then the decision; `hold` here is the end */
  @ApiProperty({ enum: ['running', 'promote', 'hold', 'rollback', 'cancelled'] })
  status: 'running' | ArgoDecision | 'cancelled';
  /** where to poll */
  status_url: string;
  /** `cancelled` is neither success nor failure */
  @ApiProperty({ enum: ['promote', 'hold', 'rollback', 'cancelled'] })
  decision: ArgoDecision | 'cancelled';
  @ApiProperty({ enum: ['running', 'finished', 'cancelled'] })
  phase: Run['state'];
  @ApiProperty({ minimum: 0, maximum: 100 })
  score: number;
  /** why, for machines; listed in docs/verdicts.md */
  @ApiProperty({ example: 'insufficient-evidence' })
  reason: string;
  /** why, in one sentence */
  summary: string;
  /** until there can be news; 0: there will be none */
  next_check_s: number;
  eta_s: number | null;
  /** by the metric's name, in small letters, digits and `_` */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: '#/components/schemas/ArgoMetricDto' } })
  metrics: Record<string, ArgoMetricDto>;
  /** the run, with everything */
  url: string;
}

const decisions = { safe: 'promote', harmful: 'rollback', undecided: 'hold' } as const;

/**
 * A run as Argo reads it.
 *
 * @param ofStep  the caller told the weight, so safe at this weight is all it asks; otherwise it asks about the whole rollout
 */
export function argoAnswer(run: Run, publicUrl: string, ofStep: boolean): ArgoAnswerDto {
  const { decision, code, reason, score, etaSeconds, metrics, url } = verdictOnWire(atPresentWeight(run), publicUrl);
  const isEarly = code === 'phase-safe' && !ofStep;
  const named = metrics.map(({ name, assessment, estimate, harm, margin }): [string, ArgoMetricDto] => [
    name.toLowerCase().replace(/[^a-z0-9]+/g, '_'),
    { decision: decisions[assessment], effect: estimate, ci: [harm.low, harm.high], margin },
  ]);
  const decided = run.state === 'cancelled' ? 'cancelled' : isEarly ? 'hold' : decision;
  return {
    run: run.id,
    status: run.state === 'running' && decided === 'hold' ? 'running' : decided,
    status_url: `${publicUrl}/argo/${encodeURIComponent(run.id)}`,
    decision: decided,
    phase: run.state,
    score,
    reason: code,
    summary: reason,
    next_check_s: run.state === 'running' ? run.template.schedule.windowSeconds : 0,
    eta_s: etaSeconds,
    metrics: Object.fromEntries(named),
    url,
  };
}
