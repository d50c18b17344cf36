import { describe, expect, it } from '@jest/globals';
import type { Issue } from '../domain/index.js';
import { type LintedFile, lintAsJson, lintInWords } from './lint-report.js';
import { exitOf, lintFile } from './template-lint.command.js';

const issue = (severity: Issue['severity'], message = 'something is wrong'): Issue => ({
  code: 'wrong-type',
  severity,
  message,
  repair: 'mend it',
  path: 'spec',
  line: 3,
  column: 7,
});
const linted = (file: string, ...issues: Issue[]): LintedFile => ({ file, issues, unreadable: null, forecast: null });
const missing: LintedFile = { file: 'gone.yaml', issues: null, unreadable: 'there is no such file', forecast: null };

describe('what the linter prints', () => {
  it('has the place first, the repair below, and the counts at the end', () => {
    expect(lintInWords([linted('a.yaml', issue('error'), issue('warning')), linted('b.yaml'), missing], false)).toBe(
      `a.yaml:3:7 error wrong-type something is wrong
    mend it
a.yaml:3:7 warning wrong-type something is wrong
    mend it
gone.yaml error unreadable there is no such file
3 files: 1 error, 1 warning, 1 unreadable
`,
    );
  });

  it('has a forecast below what is wrong', () => {
    const traffic = { requestsPerSecond: 20, requestsByMetric: {}, share: null, levels: {}, phi: 1, harm: 2 };
    const question = { name: 'errors', metric: 'errors', informational: false, safeSeconds: 10_000, rollbackSeconds: null };
    const phases = [{ weight: 0.05, questions: [question], promoteSeconds: 10_000 }];
    const without = [{ metric: 'memory', because: 'nobody knows' }];
    const forecast = { traffic, deadlineSeconds: 3600, phases, without };
    expect(lintInWords([{ ...linted('a.yaml', issue('warning')), forecast }], false)).toBe(
      `a.yaml:3:7 warning wrong-type something is wrong
    mend it
a.yaml forecast for 20 requests/s, other shares of events 0.5 %, independent events, harm × 2; deadline 1h
    5 %  errors  safe after 2.8 h, × 2 is within what it accepts
    5 %  all that decide are safe after 2.8 h
  memory: no forecast, nobody knows
1 file: 0 errors, 1 warning
`,
    );
  });

  it('has colours only where they are asked for', () => {
    const files = [linted('a.yaml', issue('error'))];
    expect(lintInWords(files, true)).toContain('\u001b[31merror');
    expect(lintInWords(files, false)).not.toContain('\u001b');
  });

  it('gives what the author wrote no way to begin a line or move the cursor', () => {
    const text = lintInWords([linted('a\n.yaml', issue('error', 'x\u001b[2J\r\ny\u2028z\u202e'))], false);
    expect(text.split('\n')[0]).toBe('a .yaml:3:7 error wrong-type x [2J y z ');
  });

  it('says the same to machines', () => {
    const json = JSON.parse(lintAsJson([linted('a.yaml', issue('error')), missing])) as Record<string, unknown>;
    expect(json['counts']).toEqual({ files: 2, errors: 1, warnings: 0, unreadable: 1 });
    expect(json['files']).toMatchObject([
      { file: 'a.yaml', issues: [{ line: 3, column: 7 }] },
      { file: 'gone.yaml', issues: [] },
    ]);
  });
});

describe('the exit code', () => {
  it.each([
    ['clean', [linted('a')], 0],
    ['warnings only', [linted('a', issue('warning'))], 0],
    ['errors', [linted('a', issue('warning'), issue('error'))], 1],
    ['a file that cannot be read', [linted('a', issue('error')), missing], 66],
  ])('%s: %#', (_, files, code) => expect(exitOf(files)).toBe(code));

  it('of a file that is not there is about reading', async () => {
    expect(await lintFile('no/such/file.yaml')).toEqual({
      file: 'no/such/file.yaml',
      issues: null,
      unreadable: 'there is no such file',
      forecast: null,
    });
  });
});
