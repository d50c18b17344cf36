import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseTemplate } from '../../src/templates/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command as people run it. */
function assayImport(args: readonly string[], input = ''): Promise<Ended> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = ['--disable-warning=ExperimentalWarning', '--import', resolve('test/support/typescript-hooks.mjs')];
  const child = spawn(process.execPath, [...options, resolve('src/cli.ts'), 'import', ...args], { env });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, out: out.join(''), err: err.join('') }));
  });
}

const fixture = (name: string): string => resolve('test/fixtures/import', name);

const folder = temporaryFolder('import');

describe('assay import', () => {
  it('writes the template of standard input to standard output, and the list beside it', async () => {
    const { code, out, err } = await assayImport(['-'], readFileSync(fixture('mixed-cohorts.yaml'), 'utf8'));
    expect(code).toBe(1); // something is to decide
    expect(parseTemplate(out).template?.name).toBe('mesh-success');
    expect(err).toMatch(/^-:\d+:\d+ decide cohorts-unknown /m);
    expect(err).not.toContain('\u001b[');
  });

  it('writes files, and one JSON document for machines', async () => {
    const run = await assayImport([fixture('metric-templates.yaml'), '--out', join(folder, 'new'), '--json']);
    const { templates, findings, moved, unreadable } = JSON.parse(run.out);
    expect([run.code, templates.length, unreadable]).toEqual([1, 2, []]);
    expect(readdirSync(join(folder, 'new')).sort()).toEqual(['error-percent.yaml', 'latency.yaml']);
    expect(findings[0]).toMatchObject({
      code: expect.any(String),
      line: expect.any(Number),
      column: expect.any(Number),
      repair: expect.any(String),
    });
    expect(moved.length).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'new', 'latency.yaml'), 'utf8')).toBe(templates[1].text);
  });

  it('ends with 0 where nothing is to decide', async () => {
    const run = await assayImport([fixture('ratio-without-sum.yaml')]);
    expect([run.code, run.err.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining('0 to decide')]);
  });

  it('ends with 3 where a file cannot be used, and says why', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, 'kind: [');
    const run = await assayImport([broken, '/nowhere/gone.yaml']);
    expect([run.code, run.out]).toEqual([3, '']);
    expect(run.err).toMatch(/gone\.yaml:1:1 error there is no such file/);
    expect(run.err).toMatch(/broken\.yaml:1:\d+ error /);
  });

  it('does not overwrite what is there', async () => {
    const there = join(folder, 'cart.yaml');
    writeFileSync(there, 'mine');
    const run = await assayImport([fixture('ratio-without-sum.yaml'), '--out', folder]);
    expect([run.code, run.err]).toEqual([3, `error: cannot write ${there}: it is there already, and is not overwritten\n`]);
    expect(readFileSync(there, 'utf8')).toBe('mine');
  });

  it.each([
    [['--help'], 0],
    [[], 64],
    [['a.yaml', '--cohorts', 'no label'], 64],
    [['a.yaml', '--mesh', 'none'], 64],
  ] as const)('%j ends with %d', async (args, code) => expect((await assayImport([...args])).code).toBe(code));
});
