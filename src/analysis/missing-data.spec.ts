import { describe, expect, it } from '@jest/globals';
import type { Gap, Measurement } from '../domain/index.js';
import { MissingDataWatch } from './missing-data.js';

const template = { schedule: { staleAfterSeconds: 60 } };
const metric = { margin: { relative: 0.2, absolute: 0 }, onNoData: {} };
const seen = { kind: 'counts', total: 100, events: 1, pods: {} } as const;
const silent: Gap = { kind: 'gap', cause: 'absent', detail: 'no canary telemetry' };

function warningsAfter(canaries: readonly Measurement['canary'][]): string[] {
  const watch = new MissingDataWatch({ template, metric } as unknown as ConstructorParameters<typeof MissingDataWatch>[0]);
  canaries.forEach((canary, index) => {
    watch.add({ from: index * 15_000, to: (index + 1) * 15_000 }, { baseline: seen, canary, warnings: [] } as unknown as Measurement);
  });
  return watch.warnings();
}

describe('what is said of a gap in the newest window', () => {
  it('does not read as if nothing had ever come', () => {
    expect(warningsAfter([seen, seen, silent])).toEqual(['no canary telemetry in the last 15 s']);
    expect(warningsAfter([seen, silent, silent])).toEqual(['no canary telemetry in the last 30 s']);
  });

  it('is said plainly where nothing ever came, and no more once there is data again', () => {
    expect(warningsAfter([silent, silent])).toEqual(['no canary telemetry']);
    expect(warningsAfter([seen, silent, seen])).toEqual([]);
  });
});
