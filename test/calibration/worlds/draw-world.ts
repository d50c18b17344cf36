import type { MeasuredWindow, Measurement } from '../../../src/domain/index.js';
import { drawErrors } from './draw-errors.js';
import { drawGauge } from './draw-gauge.js';
import { drawLatency } from './draw-latency.js';
import { drawMean } from './draw-mean.js';
import { drawRate } from './draw-rate.js';
import { type DrawnWorld, shareOf, type World } from './world.js';

const start = 1_700_000_040_000;

/**
 * One course of events, as the windows that the product would have measured.
 *
 * @param random  uniform in [0, 1); the same sequence gives the same windows
 */
export function drawWorld(world: World, random: () => number): DrawnWorld {
  const measure = measurerOf(world, random);
  const at = (index: number): MeasuredWindow => {
    const from = start + index * world.windowSeconds * 1000;
    return { from, to: from + world.windowSeconds * 1000, weight: shareOf(world, index), phase: 0, measurements: measure(index) };
  };
  const history = Array.from({ length: world.historyWindows }, (_, index) => at(index - world.historyWindows));
  return { history, windows: Array.from({ length: world.windows }, (_, index) => at(index)) };
}

function measurerOf(world: World, random: () => number): (window: number) => Measurement[] {
  switch (world.kind) {
    case 'errors':
      return drawErrors(world, random);
    case 'latency':
      return drawLatency(world, random);
    case 'gauge':
      return drawGauge(world, random);
    case 'mean':
      return drawMean(world, random);
    case 'rate':
      return drawRate(world, random);
  }
}
