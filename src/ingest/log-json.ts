import { anyValueOfJson, textOfPlain } from './any-value.js';
import { hashOf } from './byte-hash.js';
import { enumOf, integerOf, type JsonObject, listOf, objectOf } from './json-document.js';
import type { LogBatch } from './log-batch.js';
import { severities, severityOfNumber, severityOfText } from './log-severity.js';
import { momentOf } from './timestamp.js';
import { attributesOf, textOf } from './trace-json.js';

const names = severities.flatMap((severity) => ['', '2', '3', '4'].map((step) => `${severity.toUpperCase()}${step}`));
const numberNames = ['UNSPECIFIED', ...names].map((name) => `SEVERITY_NUMBER_${name}`);

const encoder = new TextEncoder();

/** Reads ExportLogsServiceRequest as OTLP/JSON writes it. @throws {MalformedOtlpError} */
export function readLogJson(document: JsonObject, batch: LogBatch): void {
  for (const { resource, scopeLogs } of listOf(document['resourceLogs'], 'resourceLogs')) {
    const from = objectOf(resource, 'resource');
    batch.startResource();
    identify(from, batch);
    readLabels(from, batch, (label, id) => batch.resourceLabel(label, id));
    for (const { logRecords } of listOf(scopeLogs, 'scopeLogs')) {
      for (const record of listOf(logRecords, 'logRecords')) readRecord(record, batch);
    }
  }
}

function readRecord(record: JsonObject, batch: LogBatch): void {
  if (!batch.startRecord()) return;
  identify(record, batch);
  readLabels(record, batch, (label, id) => batch.recordLabel(label, id));
  const number = enumOf(record['severityNumber'], numberNames, 'severityNumber');
  const text = textOf(record['severityText'], 'severityText');
  const time = integerOf(record['timeUnixNano'], 'timeUnixNano');
  const { high, low } = momentOf(time === 0n ? integerOf(record['observedTimeUnixNano'], 'observedTimeUnixNano') : time);
  batch.endRecord(number === 0 ? severityOfText(text) : severityOfNumber(number), high, low);
}

function readLabels(holder: JsonObject, { resolver, dictionary }: LogBatch, keep: (label: number, id: number) => void): void {
  for (const { key, value } of attributesOf(holder)) {
    const label = resolver.named(key)?.label ?? -1;
    if (label >= 0) keep(label, dictionary.idOfText(textOfPlain(anyValueOfJson(value))));
  }
}

function identify(part: JsonObject, batch: LogBatch): void {
  const { buffer, length } = encoder.encode(JSON.stringify(part));
  batch.identify(hashOf(new DataView(buffer), 0, length));
}
