import { mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { NotFoundError } from '../domain/index.js';
import { hashOf } from './parse-template.js';
import { TemplateCatalog } from './template-catalog.js';

const template = (name: string, limit = 1): string => `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: ${name} }
spec:
  metrics: [{ name: a, role: critical, source: traces, rate: { events: { kind: server } }, limit: ${limit} }]
`;

let folder: string;
let catalog: TemplateCatalog;

const put = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);
const names = (): string[] => catalog.all().map(({ name }) => name);

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'warn', 'error']));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-templates-'));
  catalog = new TemplateCatalog({ templatesDirectory: folder });
});
afterEach(async () => {
  await catalog.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the catalogue of templates', () => {
  it('holds what is in the folder', async () => {
    await put('a.yaml', template('first'));
    await put('b.yml', template('second'));
    await put('notes.txt', 'not a template');
    await put('.hidden.yaml', 'not a template');
    await catalog.reload();
    expect(names()).toEqual(['first', 'second']);
    expect(catalog.problems()).toEqual([]);
    expect(catalog.text('first')).toBe(template('first'));
  });

  it('keeps the last good version of a file that breaks, and says what is wrong', async () => {
    await put('a.yaml', template('shop'));
    await catalog.reload();
    const { hash } = catalog.find('shop');
    await put('a.yaml', template('shop').replace('critical', 'criticl'));
    await catalog.reload();
    expect(catalog.find('shop').hash).toBe(hash);
    expect(catalog.problems()).toMatchObject([{ file: 'a.yaml', issues: [{ code: 'invalid-value', line: 5 }] }]);
    await put('a.yaml', template('shop', 2));
    await catalog.reload();
    expect(catalog.find('shop').metrics[0]?.limit).toBe(2);
    expect(catalog.problems()).toEqual([]);
  });

  it('serves a template with warnings, and logs each where it stands', async () => {
    const said: string[] = [];
    Logger.overrideLogger({ log: () => {}, error: () => {}, warn: (message: string) => said.push(message) });
    await put('a.yaml', template('shop').replace('kind: server', '').replace('rate:', 'unit: x, rate:'));
    await catalog.reload();
    await catalog.reload();
    Logger.overrideLogger(false);
    expect(names()).toEqual(['shop']);
    expect(catalog.problems()).toEqual([]);
    expect(said).toEqual([
      "template warning: a.yaml:5:81 selects-everything every span is selected, internal and client spans too; name what is meant, as in { kind: server, service.name: '…' }",
    ]);
  });

  it('finds any version it has seen, by hash', async () => {
    await put('a.yaml', template('shop', 1));
    await catalog.reload();
    const old = hashOf(template('shop', 1));
    await put('a.yaml', template('shop', 2));
    await catalog.reload();
    expect(catalog.find('shop').metrics[0]?.limit).toBe(2);
    for (const reference of [old, old.slice(7), `shop@${old}`, `shop@${old.slice(0, 15)}`]) {
      expect(catalog.find(reference).metrics[0]?.limit).toBe(1);
    }
    await unlink(join(folder, 'a.yaml'));
    await catalog.reload();
    expect(names()).toEqual([]);
    expect(catalog.find(`shop@${old}`).metrics[0]?.limit).toBe(1);
    expect(catalog.text(old)).toBe(template('shop', 1));
  });

  it('names what there is when it is asked for something else', async () => {
    await put('a.yaml', template('shop'));
    await catalog.reload();
    for (const reference of ['shopp', 'shop@sha256:0000', 'other@sha256', '', '__proto__']) {
      expect(() => catalog.find(reference)).toThrow(NotFoundError);
      expect(() => catalog.find(reference)).toThrow('there are: shop');
    }
  });

  it('serves the file that had a name first when another takes the same name', async () => {
    await put('b.yaml', template('shop', 1));
    await catalog.reload();
    await put('a.yaml', template('shop', 2));
    await catalog.reload();
    expect(catalog.find('shop').metrics[0]?.limit).toBe(1);
    expect(catalog.problems()).toMatchObject([{ file: 'a.yaml', issues: [{ code: 'duplicate-template' }] }]);
  });

  it('refuses files that are not text', async () => {
    await writeFile(join(folder, 'a.yaml'), Buffer.from([0xff, 0xfe, 0x41]));
    await catalog.reload();
    expect(catalog.problems()).toMatchObject([{ file: 'a.yaml', issues: [{ code: 'unreadable' }] }]);
  });

  it('has a problem, and no exception, without a folder', async () => {
    await rm(folder, { recursive: true });
    await catalog.start();
    expect(catalog.all()).toEqual([]);
    expect(catalog.problems()).toMatchObject([{ issues: [{ code: 'unreadable' }] }]);
  });

  it('tells of changes, and only of changes', async () => {
    let told = 0;
    const end = catalog.onChange(() => {
      told += 1;
    });
    await put('a.yaml', template('shop'));
    await catalog.reload();
    await catalog.reload();
    expect(told).toBe(1);
    end();
    await put('a.yaml', template('shop', 2));
    await catalog.reload();
    expect(told).toBe(1);
  });

  it('sees by itself that an editor has replaced a file by renaming', async () => {
    await put('a.yaml', template('shop', 1));
    await catalog.start();
    const changed = new Promise<void>((resolve) => catalog.onChange(resolve));
    await put('a.yaml.swp', template('shop', 2));
    await rename(join(folder, 'a.yaml.swp'), join(folder, 'a.yaml'));
    await changed;
    expect(catalog.find('shop').metrics[0]?.limit).toBe(2);
  });
});
