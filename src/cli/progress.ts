import { Presets, SingleBar } from 'cli-progress';
import { createLogUpdate } from 'log-update';

/** A stream people may be looking at: process.stdout, process.stderr. */
export type Screen = NodeJS.WriteStream;

/** Moves with the work; silent where nobody watches. */
export interface ProgressBar {
  advance(by?: number): void;
  /** the work turned out to be larger or smaller */
  resize(total: number): void;
  stop(): void;
}

/** A few lines that are written over again and again; silent where nobody watches. */
export interface LiveArea {
  show(lines: string): void;
  /** leaves these lines above the area for good; written plainly where nobody watches */
  keep(lines: string): void;
  /** removes what moves */
  stop(): void;
}

/** Is there a person at this stream who wants to see things move? Not in CI, not in a pipe, not with NO_COLOR. */
export function isWatched(screen: Screen, environment: NodeJS.ProcessEnv = process.env): boolean {
  const asked = (name: string): boolean => (environment[name] ?? '') !== '' && environment[name] !== 'false';
  return screen.isTTY === true && environment['TERM'] !== 'dumb' && !asked('CI') && !asked('NO_COLOR');
}

/** A bar that appears once the work has taken longer than a second. */
export function progressBar(label: string, total: number, screen: Screen = process.stderr): ProgressBar {
  if (!isWatched(screen)) return { advance: nothing, resize: nothing, stop: nothing };
  const bar = new SingleBar(
    { format: `${label} {bar} {percentage} % · {eta_formatted} left`, stream: screen, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  let size = total;
  let done = 0;
  let shown = false;
  const begin = setTimeout(() => {
    shown = true;
    bar.start(size, done);
  }, 1000).unref();
  return {
    advance: (by = 1) => {
      done += by;
      if (shown) bar.update(done);
    },
    resize: (to) => {
      size = to;
      if (shown) bar.setTotal(to);
    },
    stop: () => {
      clearTimeout(begin);
      if (shown) bar.stop();
    },
  };
}

/** Lines that stay in place on a screen that is watched. */
export function liveArea(screen: Screen = process.stderr): LiveArea {
  if (!isWatched(screen)) return { show: nothing, keep: (lines) => void screen.write(`${lines}\n`), stop: nothing };
  const area = createLogUpdate(screen);
  let shown = '';
  return {
    show: (lines) => {
      shown = lines;
      area(lines);
    },
    keep: (lines) => {
      area.clear();
      screen.write(`${lines}\n`); // as it is: what is to be copied must not be broken to the width of the screen
      if (shown !== '') area(shown);
    },
    stop: () => {
      shown = '';
      area.clear();
      area.done();
    },
  };
}

function nothing(): void {}
