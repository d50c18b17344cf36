import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addTrafficOptions, assumedTraffic, type TrafficOptions, wrongNames } from './traffic-options.js';

/** What somebody types after `assay template lint FILE`. */
function typed(...words: string[]) {
  const command = addTrafficOptions(new Command('lint'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(words, { from: 'user' });
  return assumedTraffic(command.opts<TrafficOptions>());
}

describe('the traffic that is assumed on the command line', () => {
  it('is nothing where nobody asks for a forecast', () => expect(typed()).toBeNull());

  it('has defaults for all but the rate', () => {
    expect(typed('--rps', '20')).toEqual({ requestsPerSecond: 20, requestsByMetric: {}, share: null, levels: {}, phi: 1, harm: 2 });
  });

  it('names metrics by themselves', () => {
    const words = ['--rps', '20', '--rps', 'payments=1.5', '--share', '5%', '--assume', 'error-rate=0.5%', '--assume', 'latency=0.08'];
    expect(typed(...words, '--bursts', '4', '--harm', '1.5')).toEqual({
      requestsPerSecond: 20,
      requestsByMetric: { payments: 1.5 },
      share: 0.05,
      levels: { 'error-rate': 0.005, latency: 0.08 },
      phi: 4,
      harm: 1.5,
    });
  });

  it.each([
    [['--rps', '0']],
    [['--rps', 'twenty']],
    [['--rps', '-5']],
    [['--rps', 'payments=1']],
    [['--share', '5%']],
    [['--rps', '20', '--share', '0']],
    [['--rps', '20', '--assume', '0.5%']],
    [['--rps', '20', '--bursts', '0.5']],
    [['--rps', '20', '--harm', '1']],
  ])('is refused: %p', (words) => expect(() => typed(...words)).toThrow());
});

describe('a metric that no template has', () => {
  const forecasts = [
    {
      traffic: assumed({}),
      deadlineSeconds: 3600,
      phases: [],
      without: [
        { metric: 'error-rate', because: 'x' },
        { metric: 'latency', because: 'x' },
      ],
    },
  ];

  it.each([
    ["no metric is called 'eror-rate': did you mean 'error-rate'?", { 'eror-rate': 0.1 }],
    ["no metric is called 'nosuch': there are error-rate, latency", { nosuch: 0.1 }],
    [null, { latency: 0.1 }],
  ])('is wrong: %s', (said, levels) => expect(wrongNames(assumed(levels), forecasts)).toBe(said));
});

function assumed(levels: Readonly<Record<string, number>>) {
  return { requestsPerSecond: 20, requestsByMetric: {}, share: null, levels, phi: 1, harm: 2 };
}
