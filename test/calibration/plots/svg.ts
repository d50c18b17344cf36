/** Series of a plot: colours of Okabe and Ito, told apart by the colour-blind and in print, and a mark of its own for each. */
export const series = {
  assay: { name: 'Assay', mark: 'circle' },
  kayenta: { name: 'Kayenta, each minute', mark: 'square' },
  threshold: { name: 'threshold, 5 failures', mark: 'triangle' },
  ratio: { name: 'ratio, 4 failures', mark: 'diamond' },
  'z-test': { name: 'z test at 1 %, each look', mark: 'cross' },
} as const;

export type SeriesName = keyof typeof series;

const colours = `
  .page { fill: #ffffff } .frame { fill: none; stroke: #8b949e } .grid { stroke: #d8dee4 } .limit { stroke: #b3261e; stroke-width: 1.5; stroke-dasharray: 6 4 }
  text { fill: #1f2328; font: 13px system-ui, sans-serif } .small { font-size: 11.5px } .soft { fill: #57606a } .title { font-size: 16px; font-weight: 600 } .warn { fill: #b3261e }
  .assay { --ink: #0072b2 } .kayenta { --ink: #b87a00 } .threshold { --ink: #c24d00 } .ratio { --ink: #b0568c } .z-test { --ink: #00805f }
  .bar { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 6 4 }
  .line { fill: none; stroke: var(--ink); stroke-width: 2 } .whisker { stroke: var(--ink); stroke-width: 1.4 } .mark { fill: var(--ink); stroke: var(--ink) } .open { fill: none; stroke: var(--ink); stroke-width: 1.6 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .grid { stroke: #2b3139 } .limit { stroke: #ff8a80 } text { fill: #e6edf3 } .soft { fill: #9da7b1 } .warn { fill: #ff8a80 }
    .assay { --ink: #56b4e9 } .kayenta { --ink: #e69f00 } .threshold { --ink: #f2874b } .ratio { --ink: #d998c0 } .z-test { --ink: #2fc39b }
  }`;

/** A whole picture: it says what it shows to those who cannot see it. */
export function picture(
  size: { readonly width: number; readonly height: number },
  title: string,
  description: string,
  parts: readonly string[],
): string {
  const { width, height } = size;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>${colours}\n</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    text(20, 28, title, 'title'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const escaped = (words: string): string => words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A tenth of a pixel is enough, and the same on any machine. */
export const at = (value: number): string => String(Number(value.toFixed(1)));

export function text(
  x: number,
  y: number,
  words: string,
  classes = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
  turned = false,
): string {
  const turn = turned ? ` transform="rotate(-90 ${at(x)} ${at(y)})"` : '';
  return `<text x="${at(x)}" y="${at(y)}"${classes ? ` class="${classes}"` : ''} text-anchor="${anchor}"${turn}>${escaped(words)}</text>`;
}

export const line = (x1: number, y1: number, x2: number, y2: number, classes: string): string =>
  `<line class="${classes}" x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}"/>`;

export const rectangle = (x: number, y: number, width: number, height: number, classes: string): string =>
  `<rect class="${classes}" x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}"/>`;

export const path = (points: readonly (readonly [number, number])[], classes: string): string =>
  `<polyline class="${classes}" points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(' ')}"/>`;

/** @param open  not filled: nothing was seen there, only a bound */
export function mark(name: SeriesName, x: number, y: number, open = false): string {
  const classes = `${name} ${open ? 'open' : 'mark'}`;
  const shape = (points: string): string => `<polygon class="${classes}" points="${points}"/>`;
  const around = (offsets: readonly (readonly [number, number])[]): string =>
    offsets.map(([dx, dy]) => `${at(x + dx)},${at(y + dy)}`).join(' ');
  switch (series[name].mark) {
    case 'circle':
      return `<circle class="${classes}" cx="${at(x)}" cy="${at(y)}" r="4.2"/>`;
    case 'square':
      return shape(
        around([
          [-3.6, -3.6],
          [3.6, -3.6],
          [3.6, 3.6],
          [-3.6, 3.6],
        ]),
      );
    case 'triangle':
      return shape(
        around([
          [0, -4.6],
          [4.4, 3.4],
          [-4.4, 3.4],
        ]),
      );
    case 'diamond':
      return shape(
        around([
          [0, -5],
          [5, 0],
          [0, 5],
          [-5, 0],
        ]),
      );
    case 'cross':
      return `<path class="${name} open" d="M${at(x - 3.8)} ${at(y - 3.8)} L${at(x + 3.8)} ${at(y + 3.8)} M${at(x - 3.8)} ${at(y + 3.8)} L${at(x + 3.8)} ${at(y - 3.8)}"/>`;
  }
}

/** Names beside their marks, in a row; a letter is about 6.4 wide. */
export function legend(entries: readonly { readonly of: SeriesName; readonly name: string }[], x: number, y: number): string[] {
  let left = x;
  return entries.flatMap(({ of, name }) => {
    const drawn = [mark(of, left, y - 4), text(left + 10, y, name, 'small')];
    left += 38 + 6.4 * name.length;
    return drawn;
  });
}

/** All judges, for a legend. */
export const judges = (Object.keys(series) as SeriesName[]).map((of) => ({ of, name: series[of].name }));

/** Where a value lies on a logarithmic axis; what is beyond an end lies on it. */
export function logScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): (value: number) => number {
  return (value) => {
    const share = (Math.log(Math.min(high, Math.max(low, value))) - Math.log(low)) / (Math.log(high) - Math.log(low));
    return from + share * (to - from);
  };
}
