import type { PhaseChange, Run, Verdict } from '../domain/index.js';
import { columnText } from './ids.js';
import { decodeJson, encodeJson } from './json-codec.js';
import type { RunTable } from './tables.js';

type Pinned = Pick<Run, 'template' | 'arguments' | 'cohorts' | 'names' | 'labels' | 'rerunOf'> & {
  readonly createdAt: string;
  readonly from: string;
  readonly to: string | null;
};

/** A run as its row: what never changes in one document, what changes in columns. */
export function rowOf(run: Run, openKey: string | null): RunTable {
  const pinned: Pinned = {
    template: run.template,
    arguments: run.arguments,
    cohorts: run.cohorts,
    names: run.names,
    labels: run.labels,
    rerunOf: run.rerunOf,
    createdAt: run.createdAt.toISOString(),
    from: run.from.toISOString(),
    to: run.to?.toISOString() ?? null,
  };
  return {
    id: run.id,
    state: run.state,
    mode: run.mode,
    template_name: columnText(run.template.name),
    template_hash: run.template.hash,
    document: encodeJson(pinned),
    phase_changes: encodePhases(run.phaseChanges),
    labels: labelsOf(run.labels),
    open_key: openKey,
    looks: run.looks,
    ...verdictColumns(run.verdict),
    created_at: run.createdAt,
    finished_at: run.finishedAt,
  };
}

export function runOf(row: RunTable): Run {
  const pinned = decodeJson<Pinned>(row.document);
  return {
    id: row.id,
    mode: row.mode as Run['mode'],
    state: row.state as Run['state'],
    template: pinned.template,
    arguments: pinned.arguments,
    cohorts: pinned.cohorts,
    names: pinned.names,
    labels: pinned.labels,
    phaseChanges: decodePhases(row.phase_changes),
    createdAt: new Date(pinned.createdAt),
    from: new Date(pinned.from),
    to: pinned.to === null ? null : new Date(pinned.to),
    looks: row.looks,
    verdict: row.verdict === null ? null : decodeJson<Verdict>(row.verdict),
    finishedAt: row.finished_at,
    rerunOf: pinned.rerunOf,
  };
}

export const verdictColumns = (verdict: Verdict | null): Pick<RunTable, 'verdict' | 'decision' | 'code' | 'final'> => ({
  verdict: verdict && encodeJson(verdict),
  decision: verdict?.decision ?? null,
  code: verdict?.code ?? null,
  final: verdict?.final ?? false,
});

/** Each label as one text that can be searched for; JSON writes NUL and lone surrogates so that the column can hold them. */
export const labelsOf = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels).map((label) => JSON.stringify(label));

export const encodePhases = (changes: readonly PhaseChange[]): string => encodeJson(changes);

export const decodePhases = (text: string): PhaseChange[] =>
  decodeJson<(Omit<PhaseChange, 'at'> & { at: string })[]>(text).map((change) => ({ ...change, at: new Date(change.at) }));
