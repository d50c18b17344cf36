import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '../../src/domain/index.js';
import { type OtlpFileRequest, readOtlpFile, recordOtlpFile, WindowRecorder } from '../../src/ingest/index.js';
import { quickPlan } from '../support/otlp-ingest.js';
import { metricsOf, tracesOf } from '../support/otlp-samples.js';

const folder = mkdtempSync(join(tmpdir(), 'assay-otlp-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function requestsOf(path: string): Promise<OtlpFileRequest[]> {
  const requests: OtlpFileRequest[] = [];
  for await (const request of readOtlpFile(path)) requests.push(request);
  return requests;
}

const t0 = 1_700_000_000_000;
const request = (index: number): object => tracesOf({ 'service.name': 'shop' }, [{ endMs: t0 + index * 1_000 }]);
const lines = [0, 1, 2].map((index) => JSON.stringify(request(index)));

describe('A file of OTLP', () => {
  it.each([
    ['lines', 'a.jsonl', `${lines.join('\n')}\n`, [1, 2, 3]],
    ['lines without an end', 'b.jsonl', lines.join('\n'), [1, 2, 3]],
    ['lines of Windows, with blank ones', 'c.jsonl', `\r\n${lines.join('\r\n\r\n')}\r\n`, [2, 4, 6]],
    ['packed lines', 'd.jsonl.gz', gzipSync(lines.join('\n')), [1, 2, 3]],
    ['one document over many lines', 'e.json', JSON.stringify(request(0), null, 2), [1]],
    ['nothing', 'f.jsonl', '', []],
  ])('is read as %s', async (_, name, content, expected) => {
    expect((await requestsOf(written(name, content))).map(({ line }) => line)).toEqual(expected);
  });

  it('says how far it has come', async () => {
    const path = written('progress.jsonl', lines.join('\n'));
    const [first] = await requestsOf(path);
    expect(first).toMatchObject({ bytesRead: lines.join('\n').length, bytesTotal: lines.join('\n').length });
  });

  it('becomes windows, traces and metrics alike, and what stands in it twice counts once', async () => {
    const sum = { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ timeUnixNano: `${t0 + 500}000000`, asInt: '4' }] };
    const metrics = JSON.stringify(metricsOf({ 'service.name': 'shop' }, 'orders', { sum }));
    const recorder = new WindowRecorder(quickPlan);
    const progress: number[] = [];
    const path = written('both.jsonl', [...lines, metrics, ...lines, metrics].join('\n'));
    const counts = await recordOtlpFile(path, recorder, (done, total) => progress.push(done / total));
    expect(counts).toEqual({ accepted: 8, refused: 0 });
    expect(recorder.closeAll().map(({ from, cells }) => [from - t0, cells.map(({ signal, count }) => `${signal} ${count}`)])).toEqual([
      [0, ['span 1', 'sum 4']],
      [1_000, ['span 1']],
      [2_000, ['span 1']],
    ]);
    expect(progress.at(-1)).toBe(1);
  });

  it.each([
    ['a line that is not JSON', 'g.jsonl', `${lines[0]}\n{"resourceSpans":[}\n${lines[1]}\n`, /g\.jsonl, line 2: the body is not JSON/],
    ['a line that is something else', 'h.jsonl', `${lines[0]}\n\n{"level":"info"}\n`, /h\.jsonl, line 3: there are no resourceSpans/],
    [
      'a line that is malformed',
      'i.jsonl',
      '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}\n',
      /i\.jsonl, line 1: every one of spans must be an object/,
    ],
    ['a document that does not end', 'j.json', '{\n "resourceSpans": [\n', /j\.json, line 1: the body is not JSON/],
    ['damaged gzip', 'k.jsonl.gz', gzipSync(lines.join('\n')).subarray(0, 60), /k\.jsonl\.gz, line \d+: unexpected end of file/],
    ['no gzip', 'l.jsonl.gz', lines.join('\n'), /l\.jsonl\.gz, line 1: incorrect header check/],
  ])('is refused with file and line where it has %s', async (_, name, content, message) => {
    const refused = recordOtlpFile(written(name, content), new WindowRecorder(quickPlan));
    await expect(refused).rejects.toThrow(InvalidRequestError);
    await expect(recordOtlpFile(join(folder, name), new WindowRecorder(quickPlan))).rejects.toThrow(message);
  });

  it('is refused by name where there is none', async () => {
    await expect(recordOtlpFile(join(folder, 'none.jsonl'), new WindowRecorder(quickPlan))).rejects.toThrow(
      /none\.jsonl: there is no such file/,
    );
  });
});
