import { expect, it } from '@jest/globals';
import { parseTemplate } from './parse-template.js';

it('proposes a repair of a margin in percent that the linter accepts itself', () => {
  const { issues } = parseTemplate(`apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: 7.5%
`);
  expect(issues.map(({ repair }) => repair)).toEqual([
    'write margin: { relative: 0.075 } if a share of the baseline is meant, or { absolute: 0.075 }',
  ]);
});
