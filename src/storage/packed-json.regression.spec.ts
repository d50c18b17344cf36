import { expect, it } from '@jest/globals';
import { packJson, unpackJson } from './packed-json.js';

it('packs the windows of ten thousand services at once in little memory', async () => {
  const windows = Array.from({ length: 10_000 }, (_, index) => ({ service: `s${index}`, cells: [{ count: index, sum: 0.25 }] }));
  const before = process.memoryUsage.rss();
  const packing = windows.map(packJson);
  const heldMiB = (process.memoryUsage.rss() - before) / 2 ** 20;
  const packed = await Promise.all(packing);

  expect(heldMiB).toBeLessThan(400); // 750 when each waited for its own compressor
  expect(await unpackJson(packed[7_000] as Buffer)).toEqual(windows[7_000]);
});

it.each([10, 100_000])('gives back what it packed: %i numbers', async (count) => {
  const document = Array.from({ length: count }, (_, index) => Math.sqrt(index));
  expect(await unpackJson(await packJson(document))).toEqual(document);
});
