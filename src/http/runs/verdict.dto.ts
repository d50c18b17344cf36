import { ApiProperty } from '@nestjs/swagger';
import {
  type Assessment,
  type Decision,
  type Exemplar,
  type JudgedOnce,
  notUnderPeeking,
  type ReasonCode,
  type Role,
  type RunState,
} from '../../domain/index.js';

/** Bounds of the harm; null where there is no bound yet. */
export class HarmDto {
  low: number | null;
  high: number | null;
}

/** What one side did over the whole run. */
export class CohortDto {
  /** observations */
  count: number;
  /** the metric's value in its unit; null until there is one */
  value: number | null;
}

/** E-values, and their natural logarithms for those who need to compare very large ones. */
export class EvidenceDto {
  /** against "harm is within the margin"; large: harm is proven */
  harm: number;
  /** against "harm is beyond the margin"; large: the canary is safe */
  safe: number;
  logHarm: number | null;
  logSafe: number | null;
}

/** Why a metric could not be read, and what its template says to do then. */
export class MissingDto {
  @ApiProperty({ enum: ['absent', 'stale', 'nan', 'zero', 'unavailable'] })
  cause: string;
  @ApiProperty({ enum: ['hold', 'ignore', 'fail'] })
  policy: string;
  detail: string;
}

/** What a judge that decides once found. Its numbers hold for one look, fixed in advance: they are not valid under peeking. */
export class JudgedOnceDto {
  @ApiProperty({ enum: ['kayenta', 'fixed-horizon'] })
  judge: JudgedOnce['judge'];
  @ApiProperty({ enum: [notUnderPeeking] })
  label: typeof notUnderPeeking;
  @ApiProperty({
    enum: ['kayenta', 'two-proportion', 'fisher', 'beta-binomial', 'bootstrap', 'mann-whitney', 'welch', 'kolmogorov-smirnov'],
  })
  test: string;
  /** Kayenta's word for the metric: Pass, High, Low, Nodata or NodataFailMetric; null before it was judged, and for tests */
  @ApiProperty({ type: String, nullable: true, example: 'High' })
  classification: string | null;
  /** this metric alone makes Kayenta's score 0 */
  critical: boolean | null;
  /** mean of the canary's windows over that of the baseline's */
  meanRatio: number | null;
  /** chance of so much harm, were the harm within the margin; for beta-binomial the posterior chance that it is */
  pHarm: number | null;
  /** `pHarm` after Holm's correction for all metrics that decide; at most `falseRollback` rolls back */
  pHarmAdjusted: number | null;
  /** chance of so little harm, were the harm beyond the margin; at most `falsePromote` is safe */
  pSafe: number | null;
  /** where the random numbers of a bootstrap began */
  seed: number | null;
}

/** A trace worth opening. */
export class ExemplarDto {
  /** 32 hexadecimal digits, as tracing systems know it */
  @ApiProperty({ example: '4bf92f3577b34da6a3ce929d0e0e4736' })
  traceId: string;
  /** the longest span of its kind, or one that failed */
  @ApiProperty({ enum: ['slowest', 'failed'] })
  kind: Exemplar['kind'];
  /** how long its span took */
  seconds: number | null;
  /** when its span ended */
  @ApiProperty({ format: 'date-time' })
  at: string;
}

/** What the newest look says on one metric. */
export class MetricDto {
  /** `error-rate`, `latency p95` */
  name: string;
  @ApiProperty({ enum: ['critical', 'weighted', 'informational'] })
  role: Role;
  @ApiProperty({ enum: ['safe', 'harmful', 'undecided'] })
  assessment: Assessment;
  /** canary against baseline, turned so that positive is worse */
  harm: HarmDto;
  /** largest harm accepted at the present baseline, on the scale of `harm` */
  margin: number | null;
  /** best single number for the harm; null where there is none */
  estimate: number | null;
  /** what `harm`, `margin` and `estimate` are: a difference, a ratio, or the level itself */
  @ApiProperty({ enum: ['difference', 'ratio', 'level'] })
  scale: 'difference' | 'ratio' | 'level';
  /** unit of values: `s`, `ratio`, `By` */
  unit: string;
  baseline: CohortDto;
  canary: CohortDto;
  evidence: EvidenceDto;
  /** about how many more canary observations until a verdict, where that can be said */
  neededObservations: number | null;
  @ApiProperty({ type: MissingDto, nullable: true })
  missing: MissingDto | null;
  /** null where evidence decides that holds at every look; else the e-values are 1 and mean nothing */
  @ApiProperty({ type: JudgedOnceDto, nullable: true })
  judgedOnce: JudgedOnceDto | null;
  /** traces of the canary that show a proven harm, the most telling first; empty but for a rollback on traces */
  exemplars: ExemplarDto[];
  warnings: string[];
}

/** What a guard says of whether the cohorts can be compared at all. */
export class GuardDto {
  @ApiProperty({ enum: ['sample-ratio', 'traffic-mix'] })
  guard: string;
  /** true: it stands against promote, and the reason says why */
  alarm: boolean;
  /** e-value against "the cohorts are comparable"; 1000 is an alarm */
  evidence: number;
  /** its natural logarithm */
  logEvidence: number | null;
  /** one sentence with the numbers */
  detail: string;
}

/** Part of the run under one declared canary weight. */
export class PhaseDto {
  /** from 0 */
  @ApiProperty({ type: 'integer' })
  index: number;
  /** share of the traffic in (0, 1]; null: not declared */
  weight: number | null;
}

/** The answer a deploy tool acts on. Every field is always present; before the first look it is `hold`. */
export class VerdictDto {
  run: string;
  @ApiProperty({ enum: ['promote', 'hold', 'rollback'] })
  decision: Decision;
  /** a final verdict ends the run and never changes */
  final: boolean;
  /** `running`, `finished`, or `cancelled` (never a success) */
  @ApiProperty({ enum: ['running', 'finished', 'cancelled'] })
  state: RunState;
  /** why, for machines; listed in docs/verdicts.md */
  @ApiProperty({ type: String, example: 'insufficient-evidence' })
  code: ReasonCode;
  /** why, in one sentence with the metric and the numbers */
  reason: string;
  /** 0–100, for people and for tools that want a number; the decision follows from it with `judge: kayenta` only */
  @ApiProperty({ minimum: 0, maximum: 100 })
  score: number;
  /** looks taken so far */
  @ApiProperty({ type: 'integer' })
  looks: number;
  /** data judged so far */
  elapsedSeconds: number;
  /** about how long until a verdict at the present rate; null where that cannot be said */
  etaSeconds: number | null;
  phase: PhaseDto;
  /** name and content hash */
  @ApiProperty({ example: 'http-service@sha256:9f2c…' })
  template: string;
  metrics: MetricDto[];
  /** empty: none has anything to go by */
  guards: GuardDto[];
  /** the run, with everything */
  url: string;
}
