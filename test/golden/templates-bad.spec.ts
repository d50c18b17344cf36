import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lintFile } from '../../src/cli/template-lint.command.js';
import { lintInWords } from '../../src/cli/lint-report.js';
import { parseTemplate } from '../../src/templates/index.js';
import { expectGolden } from '../support/golden.js';

const folder = 'test/golden/bad-templates';
const files = readdirSync(resolve(folder)).filter((name) => name.endsWith('.yaml'));

describe('a bad template', () => {
  it('comes in at least 30 kinds', () => expect(files.length).toBeGreaterThanOrEqual(30));

  it.each(files)('%s: is told its one mistake, with place and repair', (file) => {
    const { issues, template } = parseTemplate(readFileSync(resolve(folder, file), 'utf8'), file);
    expect(issues).toHaveLength(1);
    const [issue] = issues;
    expect(template === null).toBe(issue?.severity === 'error');
    expect(issue?.line).toBeGreaterThan(0);
    expect(issue?.column).toBeGreaterThan(0);
    expect(issue?.repair).not.toBe('');
  });

  it('reads on the screen as the golden says', async () => {
    const linted = await Promise.all(files.map((file) => lintFile(`${folder}/${file}`)));
    expectGolden('bad-templates/lint.txt', lintInWords(linted, false));
  });
});
