import type { Encoding, Signal } from './otlp-reader.js';
import type { Receipt } from './part-recorder.js';

/** Numbers of google.rpc.Code by HTTP status. */
const rpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  429: 8,
  431: 8,
  500: 13,
  503: 14,
};

const rejectedFields: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

export const contentTypes: Readonly<Record<Encoding, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' };

const longestMessage = 4096;

/** The answer to a request that was understood: Export…ServiceResponse, with a partial success where some was refused or not kept. */
export function acceptedAnswer(signal: Signal, encoding: Encoding, { refused, notice }: Receipt): Uint8Array {
  const rejected = [...refused.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...refused].map(([why, count]) => `${count} ${why}`);
  const message = [...reasons, ...(notice === '' ? [] : [notice])].join(', ');
  if (message === '') return encoding === 'json' ? text('{}') : new Uint8Array(0);
  if (encoding === 'json') {
    const rejectedPart = rejected > 0 ? { [rejectedFields[signal]]: String(rejected) } : {};
    return text(JSON.stringify({ partialSuccess: { ...rejectedPart, errorMessage: message } }));
  }
  const partial = [...(rejected > 0 ? [0x08, ...varint(rejected)] : []), ...textField(2, message)];
  return Uint8Array.from([0x0a, ...varint(partial.length), ...partial]);
}

/** google.rpc.Status: why a request was refused as a whole. */
export function refusedAnswer(status: number, message: string, encoding: Encoding): Uint8Array {
  const code = rpcCodes[status] ?? 2;
  const short = message.slice(0, longestMessage);
  if (encoding === 'json') return text(JSON.stringify({ code, message: short }));
  return Uint8Array.from([0x08, ...varint(code), ...textField(2, short)]);
}

const encoder = new TextEncoder();
const text = (value: string): Uint8Array => encoder.encode(value);

function textField(field: number, value: string): number[] {
  const bytes = text(value);
  return [(field << 3) | 2, ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low | 0x80, ...varint(Math.floor(value / 128))];
}
