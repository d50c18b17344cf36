import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { forecastTable } from './forecast-table.js';
import { evidenceByHand, verdictsOfTheJudge, workedExample } from './worked-example.js';

const document = 'docs/statistics.md';

/** Parts of the document that are computed, between two comments. */
const computed: [string, () => string][] = [
  ['worked example', workedExample],
  ['forecast table', forecastTable],
];

describe('docs/statistics.md', () => {
  it.each(computed)('has the numbers that the functions give: %s', (name, compute) => {
    const text = readFileSync(document, 'utf8');
    const [begin, end] = [`<!-- ${name}: npm run golden -->\n`, `\n<!-- end of the ${name} -->`];
    const [before = '', rest = ''] = text.split(begin);
    const [written = '', after = ''] = rest.split(end);
    expect(after).not.toBe('');
    const said = `\n${compute()}\n`;
    if (process.env['ASSAY_UPDATE_GOLDEN'] === '1') writeFileSync(document, before + begin + said + end + after);
    else expect(written).toBe(said);
  });
});

describe('the pictures of docs/statistics.md', () => {
  it('are there', () => {
    const shown = [...readFileSync(document, 'utf8').matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => `docs/${path}`);
    expect(shown.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('the worked example', () => {
  it('says what the judge says', () => {
    const verdicts = verdictsOfTheJudge();
    expect(verdicts.map(({ evidence }) => evidence[0]?.logHarm)).toEqual(evidenceByHand().map((logE) => expect.closeTo(logE, 9)));
    expect(verdicts.map(({ decision }) => decision)).toEqual(['hold', 'hold', 'hold', 'rollback']);
  });
});
