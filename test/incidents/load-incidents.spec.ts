import { describe, expect, it } from '@jest/globals';
import type { RecordedRequest } from './incident.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';
import { countedIncidents, tracedIncidents } from './incident-table.js';

if (!hasIncidentData) sayIncidentDataIsMissing('loading recorded incidents');
const describeIncidents = hasIncidentData ? describe : describe.skip;

const milliseconds = (requests: readonly RecordedRequest[], p: number): number => {
  const sorted = requests.map(({ durationNanos }) => durationNanos / 1e6).sort((a, b) => a - b);
  return sorted[Math.ceil(p * sorted.length) - 1] ?? Number.NaN;
};

describeIncidents('a recorded incident', () => {
  it.each([...tracedIncidents, ...countedIncidents])('$id has exactly the requests of its table row', ({ id, count }) => {
    const { requests } = loadIncident(id);

    expect({ baseline: requests.baseline.length, canary: requests.canary.length }).toEqual(count);
  });

  it.each([
    ['N01', 112, 562],
    ['N02', 122, 1101],
    ['N04', 113, 770],
    ['N08', 136, 697],
    ['N15', 115, 125],
    ['N24', 127, 140],
  ])('%s has the medians of its table row', (id, baseline, canary) => {
    const { requests } = loadIncident(id);

    expect(Math.abs(milliseconds(requests.baseline, 0.5) - baseline)).toBeLessThan(1);
    expect(Math.abs(milliseconds(requests.canary, 0.5) - canary)).toBeLessThan(1);
  });

  it.each([...tracedIncidents, ...countedIncidents])('$id starts both cohorts together and keeps the order inside each', ({ id }) => {
    const { requests } = loadIncident(id);

    for (const cohort of [requests.baseline, requests.canary]) {
      const starts = cohort.map(({ startNanos }) => startNanos);
      expect(starts[0]).toBe(0);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
    }
  });

  it.each([
    ['N01', 0, 0],
    ['N15', 0, 16],
    ['N24', 0, 0],
    ['E01', 0, 40],
    ['E03', 0, 48],
    ['E07', 0, 0],
  ])('%s has %i errors before the onset and %i after it', (id, baseline, canary) => {
    const { requests } = loadIncident(id);
    const failed = (cohort: readonly RecordedRequest[]) => cohort.filter((request) => request.failed).length;

    expect([failed(requests.baseline), failed(requests.canary)]).toEqual([baseline, canary]);
  });

  it('tells the class of a request from the calls it makes', () => {
    const { requests } = loadIncident('N12');
    const share = (cohort: readonly RecordedRequest[]) =>
      Math.round((100 * cohort.filter(({ route }) => route === 'static').length) / cohort.length);

    expect([share(requests.baseline), share(requests.canary)]).toEqual([8, 53]);
  });
});
