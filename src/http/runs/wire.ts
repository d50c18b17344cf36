import {
  type Evidence,
  finiteOrNull,
  guardOnWire,
  type Look,
  type Matchers,
  metricOnWire,
  type Run,
  type Verdict,
} from '../../domain/index.js';
import { type LookDto, type RunDto, type RunLinksDto, type SideDto, type StartedRunDto } from './run.dto.js';
import { type MetricDto, type PhaseDto, type VerdictDto } from './verdict.dto.js';

/** A run as its own page shows it. `publicUrl` is where callers reach this server, without a slash at its end. */
export function runOnWire(run: Run, publicUrl: string): RunDto {
  return {
    id: run.id,
    mode: run.mode,
    state: run.state,
    template: referenceOf(run),
    arguments: run.arguments,
    baseline: sideOf(run.names.baseline, run.cohorts.baseline),
    canary: sideOf(run.names.canary, run.cohorts.canary),
    labels: run.labels,
    phases: run.phaseChanges.map(({ at, weight, phase }) => ({ at: at.toISOString(), index: phase, weight })),
    createdAt: run.createdAt.toISOString(),
    from: run.from.toISOString(),
    to: run.to?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    rerunOf: run.rerunOf,
    verdict: verdictOnWire(run, publicUrl),
    links: linksOf(run, publicUrl),
  };
}

/** The run as the caller that started it needs it. */
export function startedOnWire(run: Run, created: boolean, publicUrl: string): StartedRunDto {
  return { id: run.id, state: run.state, created, links: linksOf(run, publicUrl) };
}

/** The verdict, flat: the same bytes for the same run, so that its tag can be strong. */
export function verdictOnWire(run: Run, publicUrl: string): VerdictDto {
  const verdict = run.verdict ?? beforeTheFirstLook(run);
  return {
    run: run.id,
    decision: verdict.decision,
    final: verdict.final,
    state: run.state,
    code: verdict.code,
    reason: verdict.reason,
    score: finiteOrNull(verdict.score) ?? 0,
    looks: run.looks,
    elapsedSeconds: finiteOrNull(verdict.elapsedSeconds) ?? 0,
    etaSeconds: finiteOrNull(verdict.etaSeconds),
    phase: phaseOf(run),
    template: referenceOf(run),
    metrics: verdict.evidence.map(metricOf),
    guards: (verdict.guards ?? []).map(guardOnWire),
    url: linksOf(run, publicUrl).self,
  };
}

/** One look as the history of a run shows it. */
export function lookOnWire({ sequence, at, verdict }: Look): LookDto {
  const { decision, final, code, reason, score, elapsedSeconds, evidence } = verdict;
  const metrics = evidence.map(metricOf);
  const guards = (verdict.guards ?? []).map(guardOnWire);
  return { sequence, at: at.toISOString(), decision, final, code, reason, score, elapsedSeconds, metrics, guards };
}

/** The metric as a response class, which holds lists of its own. */
const metricOf = (evidence: Evidence): MetricDto => {
  const { exemplars, ...metric } = metricOnWire(evidence);
  return { ...metric, exemplars: [...exemplars], warnings: [...evidence.warnings] };
};

const sideOf = (name: string, matchers: Matchers): SideDto => ({ name, matchers: matchers.map((matcher) => ({ ...matcher })) });

const referenceOf = ({ template }: Run): string => `${template.name}@${template.hash}`;

function phaseOf({ phaseChanges }: Run): PhaseDto {
  const { phase, weight } = phaseChanges.at(-1) ?? { phase: 0, weight: null };
  return { index: phase, weight };
}

function linksOf({ id }: Run, publicUrl: string): RunLinksDto {
  const self = `${publicUrl}/v1/runs/${encodeURIComponent(id)}`;
  return { self, verdict: `${self}/verdict`, events: `${self}/events`, looks: `${self}/looks` };
}

/** Not looked yet is not known, and unknown is never promote. */
function beforeTheFirstLook(run: Run): Verdict {
  const { warmupSeconds, windowSeconds, latenessSeconds } = run.template.schedule;
  return {
    decision: 'hold',
    final: run.state !== 'running',
    code: run.state === 'cancelled' ? 'cancelled' : warmupSeconds > 0 ? 'warmup' : 'insufficient-evidence',
    reason: `no look yet: the first one is taken ${windowSeconds + latenessSeconds} s after the start`,
    score: 50,
    evidence: [],
    elapsedSeconds: 0,
    etaSeconds: null,
  };
}
