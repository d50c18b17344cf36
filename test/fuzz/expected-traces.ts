import { CellsExpected } from './cells-expected.js';
import type { Expected } from './expected.js';
import { textOf } from './expected-value.js';
import { fuzzPlan, windowOf } from './fuzz-plan.js';
import { bits, decoded, type Long64 } from './wire-schema.js';

interface Span {
  readonly name?: Uint8Array;
  readonly kind?: number;
  readonly start?: Long64;
  readonly end?: Long64;
  readonly attributes?: readonly Uint8Array[];
  readonly status?: { readonly code?: number };
}

interface Traces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly Uint8Array[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'];

/** Spans per series, their errors and durations. @throws {Error} the other decoder refuses the request */
export function expectedTraces(bytes: Uint8Array): Expected {
  const cells = new CellsExpected(fuzzPlan.values);
  for (const { resource, scopeSpans = [] } of decoded<Traces>('Traces', bytes).resourceSpans ?? []) {
    const ofResource = cells.attributes(resource?.attributes ?? []);
    for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) addSpan(cells, ofResource, span);
  }
  return cells.expected();
}

function addSpan(cells: CellsExpected, ofResource: ReturnType<CellsExpected['attributes']>, span: Span): void {
  const own = cells.attributes(span.attributes ?? [], ofResource);
  const [start, end] = [bits(span.start), bits(span.end)];
  if (start === 0n || end < start) {
    cells.refused += 1;
    return;
  }
  cells.accepted += 1;
  const labels = {
    ...own.labels,
    name: textOf(span.name).slice(0, 1024),
    kind: kinds[span.kind ?? 0] ?? 'internal',
    status: statuses[span.status?.code ?? 0] ?? 'unset',
  };
  const from = windowOf(Number(end / 1_000_000n));
  cells.add(from, 'span', null, labels, 1, Number(end - start) / 1e9);
  for (const [name, number] of Object.entries(own.numbers)) {
    if (number >= 0 && number < Number.POSITIVE_INFINITY) cells.add(from, 'histogram', name, labels, 1, number);
  }
}
