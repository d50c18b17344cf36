import { CellsExpected } from './cells-expected.js';
import type { Expected } from './expected.js';
import { textOf } from './expected-value.js';
import { windowOf } from './fuzz-plan.js';
import { bits, decoded, type Long64 } from './wire-schema.js';

interface LogRecord {
  readonly time?: Long64;
  readonly observed?: Long64;
  readonly severityNumber?: number;
  readonly severityText?: Uint8Array;
  readonly attributes?: readonly Uint8Array[];
}

interface Logs {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly Uint8Array[] };
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecord[] }[];
  }[];
}

const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Log records per series. @throws {Error} the other decoder refuses the request */
export function expectedLogs(bytes: Uint8Array): Expected {
  const cells = new CellsExpected();
  for (const { resource, scopeLogs = [] } of decoded<Logs>('Logs', bytes).resourceLogs ?? []) {
    const ofResource = cells.attributes(resource?.attributes ?? []);
    for (const record of scopeLogs.flatMap(({ logRecords = [] }) => logRecords)) {
      const { labels } = cells.attributes(record.attributes ?? [], ofResource);
      const at = bits(record.time) || bits(record.observed);
      if (at === 0n) {
        cells.refused += 1;
        continue;
      }
      cells.accepted += 1;
      const severity = severityOf(record.severityNumber ?? 0, textOf(record.severityText));
      cells.add(windowOf(Number(at / 1_000_000n)), 'log', null, { ...labels, severity }, 1, 0);
    }
  }
  return cells.expected();
}

/** OTLP: four numbers to each word. The words of other systems are those that the specification maps. */
function severityOf(number: number, text: string): string {
  if (number >= 1 && number <= 24) return severities[Math.floor((number - 1) / 4)] as string;
  if (number !== 0) return '';
  const word = text.trim().toLowerCase();
  if (/^(trace|verbose|finest|finer)[1-4]?$/.test(word)) return 'trace';
  if (/^(debug|fine|config)[1-4]?$/.test(word)) return 'debug';
  if (/^(info|information|informational|notice)[1-4]?$/.test(word)) return 'info';
  if (/^(warn|warning)[1-4]?$/.test(word)) return 'warn';
  if (/^(error|err|severe)[1-4]?$/.test(word)) return 'error';
  return /^(fatal|critical|crit|alert|emergency|emerg|panic)[1-4]?$/.test(word) ? 'fatal' : '';
}
