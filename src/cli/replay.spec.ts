import { expect, it } from '@jest/globals';
import { closedWindows } from '../../test/support/pushed-traffic.js';
import { InvalidRequestError } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { looksOf, runOver } from './replay.js';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 2, 9);
const { template } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: service.version, baseline: { before: 1d, references: 4 } }
  schedule: { window: 60s, warmup: 0s, minDuration: 5m }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.001 }
`);
if (!template) throw new Error('the template has a mistake');
const recorded = [0, 1, 2, 3, 4].flatMap((index) =>
  closedWindows(start + index * day, 60, 30, () => ({ [`v${index}`]: { requests: 3000, errors: index === 4 ? 120 : 15 + index } })),
);

it('judges a recorded switch from where its references end, against whoever served before', () => {
  const run = runOver(template, { baseline: null, canary: 'v4' }, recorded, new Date(start + 5 * day));
  expect(run.from).toEqual(new Date(start + 4 * day));
  expect([...looksOf(run, recorded)].at(-1)?.verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
});

it('refuses a recording that does not reach beyond its references', () => {
  const short = recorded.filter(({ from }) => from < start + 4 * day);
  expect(() => runOver(template, { baseline: null, canary: 'v4' }, short, new Date(start + 5 * day))).toThrow(
    new InvalidRequestError('4 references of 1d and a window of 1m after them are needed, the files hold 4350m'),
  );
});

it('refuses a recording in which a clock was wrong by decades', () => {
  const strayed = [...recorded, ...closedWindows(Date.UTC(2054, 0, 1), 60, 1, () => ({ v4: { requests: 1, errors: 0 } }))];
  expect(() => runOver(template, { baseline: null, canary: 'v4' }, strayed, new Date(start + 5 * day))).toThrow(
    /to 2054-01-01T00:01:00.000Z: \d+ windows of 1m, and at most 700000 are replayed; a wrong timestamp does that/,
  );
});
