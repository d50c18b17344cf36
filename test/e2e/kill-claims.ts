import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inOneLine, type KillReport, killStory } from './kill-story.js';

/** What must hold after `kill -9` on any store. */
export function describeKills(
  name: string,
  store: { open(): Promise<Readonly<Record<string, string>>>; close(): Promise<void> | undefined },
): void {
  describe(`a server on ${name} that is killed with -9 while twenty runs are going on`, () => {
    let report: KillReport;
    beforeAll(async () => {
      report = await killStory(await store.open());
      process.stdout.write(inOneLine(name, report));
    }, 400_000);
    afterAll(() => store.close(), 60_000);

    it('was killed with some runs final and some not', () => {
      expect(report.kills).toHaveLength(2);
      for (const { final, open } of report.kills) expect(Math.min(final, open)).toBeGreaterThan(0);
      expect(report.telemetry.repeated).toBeGreaterThan(0);
    });

    it('ends every run, each as its traffic deserves', () => {
      expect(report.runs).toHaveLength(20);
      expect(report.runs.every(({ state }) => state === 'finished')).toBe(true);
      const expected = { healthy: 'promote', bad: 'rollback', silent: 'hold' };
      const clear = report.runs.flatMap(({ fate, decision, text }) => (fate === 'doubtful' ? [] : [{ fate, decision, text }]));
      expect(clear.filter(({ fate, decision }) => decision !== expected[fate])).toEqual([]);
    });

    it('changes no byte of a verdict that was final', () => {
      expect(report.changedVerdicts).toEqual([]);
    });

    it('shows every reader looks that only grow, without a gap, with one end', () => {
      expect(report.brokenHistories).toEqual([]);
    });

    it('tells the end of every run at least once, as the API does', () => {
      const told = new Map(report.events.flatMap(({ type, run, decision }) => (type === 'verdict.final' ? [[run, decision]] : [])));
      expect(Object.fromEntries(told)).toEqual(Object.fromEntries(report.runs.map(({ id, decision }) => [id, decision])));
    });

    it('tells one thing under one id, and one end of each run', () => {
      const bytes = new Map<string, Set<string>>();
      for (const { id, hash } of report.events) bytes.set(id, (bytes.get(id) ?? new Set()).add(hash));
      expect([...bytes].filter(([, hashes]) => hashes.size > 1)).toEqual([]);
      const ends = new Set(report.events.filter(({ type }) => type === 'verdict.final').map(({ id, run }) => `${run} ${id}`));
      expect(ends.size).toBe(report.runs.length);
    });

    it('signs everything it tells', () => {
      expect(report.badSignatures).toBe(0);
    });
  });
}
