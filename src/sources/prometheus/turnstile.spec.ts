import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

describe('the turnstile', () => {
  it('lets no more through at once than it has places, and everybody in the end', async () => {
    const turnstile = new Turnstile(3);
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 20 }, (_, i) =>
      turnstile
        .pass(async () => {
          most = Math.max(most, ++inside);
          await Promise.resolve();
          inside -= 1;
          if (i % 5 === 0) throw new Error('left in anger');
        })
        .catch(() => {}),
    );
    await Promise.all(visits);
    expect([most, inside]).toEqual([3, 0]);
    await expect(turnstile.pass(async () => 'in')).resolves.toBe('in');
  });
});
