import { expect, it } from '@jest/globals';
import { parseTemplate } from './parse-template.js';

const warningsOf = (margin: string, harm = 'increase'): string[] =>
  parseTemplate(`apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: t }
spec:
  metrics:
    - name: errors
      role: critical
      harm: ${harm}
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: ${margin}
`).issues.map(({ code, repair }) => `${code}: ${repair}`);

it('warns of a margin in percent, which would promote anything', () => {
  expect(warningsOf('{ relative: 10, absolute: 0.001 }')).toEqual([
    'suspicious-margin: margins are shares: write relative: 0.1 if percent are meant',
  ]);
  expect(warningsOf('{ absolute: 0.9 }')).toEqual(['suspicious-margin: margins are shares: write absolute: 0.009 if percent are meant']);
  expect(warningsOf('{ relative: 1 }', 'decrease')).toEqual([
    'suspicious-margin: margins are shares: write relative: 0.01 if percent are meant',
  ]);
});

it('takes wide margins of an early phase for what they are', () => {
  expect(warningsOf('{ relative: 2, absolute: 0.005 }')).toEqual([]);
});
