import { anyValueOfJson, numberOfPlain, textOfPlain } from './any-value.js';
import { hashOf } from './byte-hash.js';
import { enumOf, integerOf, type JsonObject, listOf, objectOf } from './json-document.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import type { ObservationBatch } from './observation-batch.js';
import { momentOf } from './timestamp.js';

const kindNames = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((name) => `SPAN_KIND_${name}`);
const statusNames = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`);

/** Reads ExportTraceServiceRequest as OTLP/JSON writes it. @throws {MalformedOtlpError} */
export function readTraceJson(document: JsonObject, batch: ObservationBatch): void {
  const room: Room = { spans: batch.maxObservations, parts: 2 * batch.maxObservations };
  for (const { resource, scopeSpans } of listOf(document['resourceSpans'], 'resourceSpans')) {
    room.parts -= 1;
    if (room.parts >= 0) readResource(objectOf(resource, 'resource'), batch);
    for (const { spans } of listOf(scopeSpans, 'scopeSpans')) {
      room.parts -= 1;
      readSpans(listOf(spans, 'spans'), room, batch);
    }
  }
  if (room.parts < 0 && !batch.refused.has(tooMany)) batch.refuse(tooMany);
}

/** How many spans, and how many resources and scopes, a request may still have. */
interface Room {
  spans: number;
  parts: number;
}

const tooMany = 'too many in one request';

/** Those for which there is no room are counted all at once. */
function readSpans(spans: readonly JsonObject[], room: Room, batch: ObservationBatch): void {
  const taken = room.parts < 0 ? 0 : Math.min(spans.length, room.spans);
  for (let index = 0; index < taken; index += 1) readSpan(spans[index] as JsonObject, batch);
  room.spans -= taken;
  if (taken < spans.length) batch.refuse(tooMany, spans.length - taken);
}

/** Keeps what the plan asks for of a resource. */
export function readResource(resource: JsonObject, batch: ObservationBatch): void {
  batch.startResource();
  batch.identify(hashOfText(JSON.stringify(resource)));
  for (const { key, value } of attributesOf(resource)) {
    const wanted = batch.resolver.named(key);
    if (wanted === undefined) continue;
    const plain = anyValueOfJson(value);
    if (wanted.label >= 0) batch.resourceLabel(wanted.label, batch.dictionary.idOfText(textOfPlain(plain)));
    if (wanted.value >= 0) batch.resourceValue(wanted.value, numberOfPlain(plain));
  }
}

export function attributesOf(holder: JsonObject): readonly { readonly key: string; readonly value: unknown }[] {
  return listOf(holder['attributes'], 'attributes').map(({ key = '', value }) => {
    if (typeof key !== 'string') throw new MalformedOtlpError('the key of an attribute must be text');
    return { key, value };
  });
}

function readSpan(span: JsonObject, batch: ObservationBatch): void {
  if (!batch.startSpan()) return;
  for (const { key, value } of attributesOf(span)) {
    const wanted = batch.resolver.named(key);
    if (wanted === undefined) continue;
    const plain = anyValueOfJson(value);
    if (wanted.label >= 0) batch.spanLabel(wanted.label, batch.dictionary.idOfText(textOfPlain(plain)));
    if (wanted.value >= 0) batch.spanValue(wanted.value, numberOfPlain(plain));
  }
  identify(span, batch);
  const { nameLabel } = batch.resolver;
  if (nameLabel >= 0) batch.spanLabel(nameLabel, batch.dictionary.idOfText(textOfPlain(textOf(span['name'], 'the name of a span'))));
  const kind = enumOf(span['kind'], kindNames, 'kind');
  const status = enumOf(objectOf(span['status'], 'status')['code'], statusNames, 'the code of a status');
  const start = momentOf(integerOf(span['startTimeUnixNano'], 'startTimeUnixNano'));
  const end = momentOf(integerOf(span['endTimeUnixNano'], 'endTimeUnixNano'));
  batch.endSpan(kind, status, start.high | 0, start.low | 0, end.high | 0, end.low | 0);
}

function identify(span: JsonObject, batch: ObservationBatch): void {
  const [traceId, spanId] = [textOf(span['traceId'], 'traceId'), textOf(span['spanId'], 'spanId')];
  batch.spanTraceText(traceId);
  batch.identify(hashOfText(traceId));
  batch.identify(hashOfText(spanId));
  if (spanId === '') batch.withoutIdentity();
}

export function textOf(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new MalformedOtlpError(`${what} must be text`);
  return value;
}

const encoder = new TextEncoder();

function hashOfText(text: string): number {
  const { buffer, byteOffset, byteLength } = encoder.encode(text);
  return hashOf(new DataView(buffer, byteOffset, byteLength), 0, byteLength);
}
