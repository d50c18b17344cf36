import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { tablesOf } from '../calibration/document.js';
import { plotsOf, type Results } from '../calibration/plots/index.js';

const update = process.env['ASSAY_UPDATE_GOLDEN'] === '1';
const results = JSON.parse(readFileSync('test/calibration/results.generated.json', 'utf8')) as Results;

describe('docs/plots', () => {
  it.each(Object.entries(plotsOf(results)))('shows the committed results, and nothing else: %s', (name, svg) => {
    const file = `docs/plots/${name}`;
    if (update) {
      mkdirSync('docs/plots', { recursive: true });
      writeFileSync(file, svg);
    } else expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(svg);
  });

  it('has no number that is none, and a description for those who cannot see it', () => {
    for (const svg of Object.values(plotsOf(results))) {
      expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
      expect(svg).toMatch(/<title id="title">[^<]+<\/title>\n<desc id="description">[^<]{100,}<\/desc>/);
    }
  });
});

describe('docs/calibration.md', () => {
  it('has the tables of the committed results', () => {
    const document = 'docs/calibration.md';
    const [begin, end] = ['<!-- results: npm run golden -->\n', '\n<!-- end of the results -->'];
    const [before = '', rest = ''] = readFileSync(document, 'utf8').split(begin);
    const [written = '', after = ''] = rest.split(end);
    expect(after).not.toBe('');
    if (update) writeFileSync(document, before + begin + tablesOf(results) + end + after);
    else expect(written).toBe(tablesOf(results));
  });
});
