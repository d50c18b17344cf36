import { describe, expect, it } from '@jest/globals';
import { placesIn } from './places-in.js';

const text = `metadata: { name: shop }
spec:
  metrics:
    - name: errors
      margin: { relative: 0.1 }
    - name: odd
      limit: 1
  labels: { "a.b": x, "a.b.c": y }
`;

describe('the place of a path', () => {
  it.each([
    ['spec.metrics[0].margin', 5, 7],
    ['spec.metrics[0].margin.relative', 5, 17],
    ['spec.metrics[1].limit', 7, 7],
    ['spec.metrics[1]', 6, 7],
    ['spec.labels["a.b.c"]', 8, 23],
    ['spec.metrics[1].margin', 6, 7],
    ['nowhere', 1, 1],
  ])('%s', (path, line, column) => expect(placesIn(text)(path)).toEqual({ line, column }));

  it('is the beginning of a text that cannot be read', () => expect(placesIn('[')('spec')).toEqual({ line: 1, column: 1 }));
});
