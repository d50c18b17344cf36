import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as statistics from '../../src/statistics/index.js';
import { verdictOf } from '../../src/verdicts/verdict-of.js';
import { checkCase, type VectorCase } from '../../tools/vectors/check-case.mjs';
import { methodsOf } from '../../tools/vectors/methods.mjs';

const folder = new URL('./vectors/', import.meta.url);
const methods = methodsOf(statistics, verdictOf);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'index.json')) {
  const { suite, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { suite: string; cases: VectorCase[] };
  describe(`reference values of suite ${suite}`, () => {
    it.each(cases.map((vector) => [vector.id, vector.method, vector] as const))('%s %s', (_id, method, vector) => {
      const answer = methods[method];
      expect(answer).toBeDefined();
      expect(checkCase(vector, answer?.(vector.inputs))).toEqual([]);
    });
  });
}
