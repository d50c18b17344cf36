import { describe, expect, it } from '@jest/globals';
import { BodyBuffer } from './body-buffer.js';
import { BodyPool, freeNow } from './body-pool.js';

const MiB = 2 ** 20;

describe('Memory for bodies', () => {
  it('is used again, and no more of it is kept idle than 16 MiB', () => {
    const pool = new BodyPool();
    const buffers = Array.from({ length: 40 }, () => pool.lend(MiB));
    expect(new Set(buffers).size).toBe(40);
    for (const buffer of buffers) pool.giveBack(buffer);
    expect(buffers.filter((buffer) => buffer.length === MiB).length).toBe(16);
    expect(buffers).toContain(pool.lend(MiB - 1));
    expect(pool.lend(MiB + 1).length).toBe(2 * MiB);
  });

  it('that everybody uses is never freed', () => {
    const small = Buffer.from('small');
    freeNow(small);
    expect(small.toString()).toBe('small');
    expect(Buffer.from('next').toString()).toBe('next');
  });
});

describe('A body', () => {
  it('takes memory as it comes, whatever was announced', () => {
    const pool = new BodyPool();
    const sizes: number[] = [];
    const counting = {
      lend: (bytes: number) => {
        sizes.push(bytes);
        return pool.lend(bytes);
      },
      giveBack: (buffer: Buffer) => pool.giveBack(buffer),
    };
    const body = new BodyBuffer(counting as BodyPool, 50 * MiB);
    body.add(Buffer.from('a'));
    expect(Math.max(...sizes)).toBe(MiB);
  });

  it.each([[null], [3_000_000]])('is what was added, piece by piece (announced: %p)', (announced) => {
    const whole = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251));
    const pool = new BodyPool();
    const body = new BodyBuffer(pool, announced);
    for (let at = 0; at < whole.length; at += 70_001) body.add(whole.subarray(at, at + 70_001));
    expect(body.bytes.equals(whole)).toBe(true);
    body.release();
    expect(body.bytes.length).toBe(0);
  });
});
