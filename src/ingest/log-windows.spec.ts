import { describe, expect, it } from '@jest/globals';
import { encodeOtlp } from '../../test/support/otlp-proto.js';
import { type LogSample, logsOf, nanoseconds, tracesOf } from '../../test/support/otlp-samples.js';
import type { ClosedWindow, RecordingPlan } from '../domain/index.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { WindowRecorder } from './window-recorder.js';

const t0 = 1_700_000_010_000; // a multiple of 15 s
const plan: RecordingPlan = {
  windowMs: 15_000,
  latenessMs: 5_000,
  attributes: ['exception.type', 'kind', 'service.name', 'service.version', 'severity', 'status'],
  values: [],
  logs: true,
};
const shop = { 'service.name': 'shop', 'service.version': '1' };

function recorded(request: object): ClosedWindow[] {
  const [binary, textual] = [new WindowRecorder(plan), new WindowRecorder(plan)];
  binary.record('logs', 'protobuf', encodeOtlp('Logs', request));
  textual.recordDocument(request);
  const windows = binary.closeAll();
  expect(textual.closeAll()).toEqual(windows);
  return windows;
}

const counted = (windows: readonly ClosedWindow[]): unknown[] =>
  windows.flatMap(({ from, cells }) => cells.map(({ signal, attributes, count }) => [from - t0, signal, attributes, count]));
const severitiesOf = (windows: readonly ClosedWindow[]): unknown[] =>
  windows.flatMap(({ cells }) => cells.map(({ attributes, count }) => [attributes['severity'] ?? '', count]));

describe('log records', () => {
  it('are counted by the time they happened, by severity and by the attributes of the plan', () => {
    const records: LogSample[] = [
      { atMs: t0, severity: 9 },
      { atMs: t0 + 14_999, severity: 9, attributes: { 'user.id': 7 } },
      { atMs: t0 + 15_000, severity: 17, attributes: { 'exception.type': 'IOError' } },
    ];
    expect(counted(recorded(logsOf(shop, records)))).toEqual([
      [0, 'log', { ...shop, severity: 'info' }, 2],
      [15_000, 'log', { ...shop, severity: 'error', 'exception.type': 'IOError' }, 1],
    ]);
  });

  it('have their own attributes before those of their resource', () => {
    const [window] = recorded(logsOf(shop, [{ atMs: t0, severity: 17, attributes: { 'service.version': '2' } }]));
    expect(window?.cells[0]?.attributes).toEqual({ ...shop, 'service.version': '2', severity: 'error' });
  });

  it.each([
    [1, 'trace'],
    [4, 'trace'],
    [5, 'debug'],
    [12, 'info'],
    [13, 'warn'],
    [17, 'error'],
    [20, 'error'],
    [21, 'fatal'],
    [24, 'fatal'],
    [25, ''],
  ])('of the number %i are %s', (severity, word) => {
    expect(severitiesOf(recorded(logsOf(shop, [{ atMs: t0, severity, text: 'Information' }])))).toEqual([[word, 1]]);
  });

  it.each([
    ['ERROR', 'error'],
    ['Information', 'info'],
    ['notice', 'info'],
    [' Warning ', 'warn'],
    ['WARN2', 'warn'],
    ['CRITICAL', 'fatal'],
    ['severe', 'error'],
    ['Verbose', 'trace'],
    ['E', ''],
    ['', ''],
    ['error'.repeat(1_000), ''],
  ])('without a number, of the word %s, are %s', (text, word) => {
    expect(severitiesOf(recorded(logsOf(shop, [{ atMs: t0, text }])))).toEqual([[word, 1]]);
  });

  it('happened when they were observed, where nothing else is said, and are refused where that is not said either', () => {
    const record = (times: object): object => ({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...times, severityNumber: 'SEVERITY_NUMBER_ERROR2' }] }] }],
    });
    const recorder = new WindowRecorder(plan);
    const receipts = [{ observedTimeUnixNano: nanoseconds(t0 + 1) }, { observedTimeUnixNano: '0' }].map((times) =>
      recorder.recordDocument(record(times)),
    );
    expect(receipts.map(({ accepted, refused }) => [accepted, [...refused]])).toEqual([
      [1, []],
      [0, [['bad value', 1]]],
    ]);
    expect(severitiesOf(recorder.closeAll())).toEqual([['error', 1]]);
  });

  it('count once when the same request is sent again', () => {
    const recorder = new WindowRecorder(plan);
    const [first, other] = [[17], [17, 9]].map((all) =>
      encodeOtlp(
        'Logs',
        logsOf(
          shop,
          all.map((severity) => ({ atMs: t0, severity })),
        ),
      ),
    );
    for (const body of [first, first, other, other]) recorder.record('logs', 'protobuf', body as Uint8Array);
    expect(severitiesOf(recorder.closeAll())).toEqual([
      ['error', 2],
      ['info', 1],
    ]);
  });

  it('share windows with the spans of their service, and are told apart from them', () => {
    const recorder = new WindowRecorder(plan);
    recorder.recordDocument(tracesOf(shop, [{ endMs: t0 }]));
    recorder.recordDocument(logsOf(shop, [{ atMs: t0, severity: 17 }]));
    const windows = recorder.closeAll();
    expect(windows).toHaveLength(1);
    expect(windows[0]?.cells.map(({ signal, count, histogram }) => [signal, count, histogram === null])).toEqual([
      ['log', 1, true],
      ['span', 1, false],
    ]);
  });

  it('keep nothing of what they say', () => {
    const [window] = recorded(logsOf(shop, [{ atMs: t0, severity: 17, body: 'card 4111 1111 1111 1111' }]));
    expect(JSON.stringify(window)).not.toContain('4111');
  });

  it('beyond the limit of series are in one overflow cell, and none is lost', () => {
    const recorder = new WindowRecorder(plan, { maxSeries: 3 });
    const records = Array.from({ length: 10 }, (_, index) => ({ atMs: t0, attributes: { 'exception.type': `E${index}` } }));
    recorder.recordDocument(logsOf(shop, records));
    const [window] = recorder.closeAll();
    expect(window?.cells.reduce((sum, { count }) => sum + count, 0)).toBe(10);
    expect(window?.flags.overflow).toBe(7);
  });

  it('that no template reads are accepted, and their sender is told that none are kept', () => {
    const recorder = new WindowRecorder({ ...plan, logs: undefined } as unknown as RecordingPlan);
    const receipt = recorder.record('logs', 'protobuf', encodeOtlp('Logs', logsOf(shop, [{ atMs: t0 }])));
    expect(receipt.notice).toBe('no template reads log records, so none are kept');
    expect([...receipt.refused, ...recorder.closeAll()]).toEqual([]);
    expect(() => recorder.record('logs', 'protobuf', Uint8Array.from([0x0a, 0x7f]))).toThrow(MalformedOtlpError);
  });
});
