import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { isWatched, liveArea, progressBar, type Screen } from './progress.js';

function screen(isTTY: boolean): { screen: Screen; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 });
  let text = '';
  stream.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  return { screen: stream as unknown as Screen, written: () => text };
}

describe('who is watching', () => {
  it('is somebody at a terminal', () => {
    expect(isWatched(screen(true).screen, { TERM: 'xterm' })).toBe(true);
    expect(isWatched(screen(true).screen, { NO_COLOR: '', CI: 'false' })).toBe(true);
  });

  it('is nobody in a pipe, in CI, without colours or on a dumb terminal', () => {
    expect(isWatched(screen(false).screen, {})).toBe(false);
    for (const environment of [{ CI: 'true' }, { NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      expect(isWatched(screen(true).screen, environment)).toBe(false);
    }
  });
});

describe('where nobody watches', () => {
  it('a bar writes nothing', () => {
    const { screen: pipe, written } = screen(false);
    const bar = progressBar('reading', 10, pipe);
    bar.advance(5);
    bar.resize(20);
    bar.stop();
    expect(written()).toBe('');
  });

  it('an area writes only what is to be kept', () => {
    const { screen: pipe, written } = screen(false);
    const area = liveArea(pipe);
    area.show('moving');
    area.keep('run_1');
    area.stop();
    expect(written()).toBe('run_1\n');
  });
});

describe('where somebody watches', () => {
  it('what is kept stands above what moves, in one piece', () => {
    const { screen: terminal, written } = screen(true);
    const area = withWatcher(() => liveArea(terminal));
    const command = `curl ${'x'.repeat(200)}`;
    area.show('moving');
    area.keep(command);
    area.stop();
    expect(written()).toContain(`${command}\n`);
    expect(written().lastIndexOf('moving')).toBeGreaterThan(written().indexOf(command));
  });
});

/** As if nothing in the environment of the test said otherwise. */
function withWatcher<T>(work: () => T): T {
  const kept = { ...process.env };
  for (const name of ['CI', 'NO_COLOR']) delete process.env[name];
  process.env['TERM'] = 'xterm';
  try {
    return work();
  } finally {
    process.env = kept;
  }
}
