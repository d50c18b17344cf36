// Bodies of OTLP trace requests as a Collector's batch processor sends them: 768 spans of HTTP servers with 15 attributes each, from
// 3, 8 or 20 resources of 12 attributes; 686 bytes a span. The same options give the same bytes, on every machine.
const encoder = new TextEncoder();

export const resourceCounts = [3, 8, 20];
const routes = [
  '/',
  '/cart',
  '/cart/items/{id}',
  '/checkout',
  '/orders',
  '/orders/{id}',
  '/products',
  '/products/{id}',
  '/search',
  '/users/{id}',
];
const traceIdStart = Buffer.from([0x0a, 16]);
const methods = ['GET', 'GET', 'POST', 'GET', 'PUT'];
const browsers = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.86',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  'okhttp/4.12.0 (Android 14; SM-S911B; build 4711) checkout-app/7.31.2 region/eu-central build-type/release',
];

const defaults = {
  /** requests with other numbers hold other spans: their ids, routes and durations follow from it */
  batch: 0,
  spans: 768,
  /** of the services in turn; the pods of a service are of its cohorts in turn */
  services: ['checkout', 'cart', 'payment', 'search'],
  /** values of service.version */
  cohorts: ['1.41.0', '1.42.0'],
  /** the spans end in the `spreadMs` before this moment */
  endMs: 1_700_000_010_000,
  spreadMs: 1_000,
  /** @returns seconds that a span took */
  secondsOf: (_cohort, random) => 0.04 * Math.exp(0.8 * normal(random)),
  fails: (_cohort, random) => random() < 0.01,
};

/** One body of each number from 0 to `count` − 1. */
export const traceBodies = (count, options = {}) => Array.from({ length: count }, (_, batch) => traceBody({ ...options, batch }));

/** One ExportTraceServiceRequest. `resources`: 3, 8 and 20 in turn unless given. */
export function traceBody(options = {}) {
  const { batch, resources = resourceCounts[batch % resourceCounts.length], ...rest } = { ...defaults, ...options };
  const random = randomOf(batch);
  const writer = new BackwardWriter(rest.spans * 1_024 + resources * 2_048);
  for (let resource = resources - 1; resource >= 0; resource--) {
    const spans = Math.floor(((resource + 1) * rest.spans) / resources) - Math.floor((resource * rest.spans) / resources);
    writer.message(0x0a, () => writeResourceSpans(writer, { ...rest, random, spans, ...placeOf(resource, rest) }));
  }
  return writer.taken();
}

/** Makes another request of a body, in place: requests with the same ids are one that was sent twice, and counted once. */
export function renumber(body, number) {
  for (let at = body.indexOf(traceIdStart); ; at = body.indexOf(traceIdStart, at + 1)) {
    if (at < 0) throw new RangeError('there is no span in it');
    if (body[at + 18] !== 0x12 || body[at + 19] !== 8) continue; // no span id behind it: bytes that only look alike
    body.writeUInt32LE(number, at + 2);
    return;
  }
}

const placeOf = (resource, { services, cohorts }) => {
  const pod = Math.floor(resource / services.length);
  return { service: services[resource % services.length], cohort: cohorts[(pod + resource) % cohorts.length], pod };
};

function writeResourceSpans(writer, options) {
  const { service, cohort, pod, spans } = options;
  writer.text(0x1a, 'https://opentelemetry.io/schemas/1.27.0');
  writer.message(0x12, () => {
    for (let span = 0; span < spans; span++) writer.message(0x12, () => writeSpan(writer, options));
    writer.message(0x0a, () => {
      writer.text(0x12, '0.58.0');
      writer.text(0x0a, '@opentelemetry/instrumentation-http');
    });
  });
  const attributes = [
    ['service.name', service],
    ['service.version', cohort],
    ['service.namespace', 'shop'],
    ['service.instance.id', `6f1c8a52-41d7-4a0e-9c55-${(service.length * 1_000 + pod).toString(16).padStart(12, '0')}`],
    ['deployment.environment.name', 'production'],
    ['k8s.namespace.name', 'shop'],
    ['k8s.deployment.name', service],
    ['k8s.pod.name', `${service}-${cohort.replaceAll('.', '')}-7c9d6b5f48-x${pod.toString(36).padStart(4, '2')}`],
    ['k8s.node.name', `ip-10-0-${pod % 8}-17.eu-central-1.compute.internal`],
    ['telemetry.sdk.name', 'opentelemetry'],
    ['telemetry.sdk.language', 'nodejs'],
    ['telemetry.sdk.version', '1.30.1'],
  ];
  writer.message(0x0a, () => writer.attributes(0x0a, attributes));
}

function writeSpan(writer, { random, service, cohort, endMs, spreadMs, secondsOf, fails }) {
  const route = routes[Math.floor(random() ** 2 * routes.length)];
  const method = methods[Math.floor(random() * methods.length)];
  const failed = fails(cohort, random);
  const path = route.replace('{id}', String(100_000 + Math.floor(random() * 900_000)));
  const ended = BigInt(Math.floor((endMs - random() * spreadMs) * 1_000)) * 1_000n;
  const lasted = BigInt(Math.round(secondsOf(cohort, random) * 1e9));
  writer.fixed32(0x85, 0x101);
  writer.message(0x7a, () => {
    if (failed) writer.number(0x18, 2);
  });
  writer.attributes(0x4a, [
    ['http.request.method', method],
    ['http.route', route],
    ['http.response.status_code', failed ? 503 : 200],
    ['url.scheme', 'https'],
    ['url.path', path],
    ['server.address', `${service}.shop.internal.example.com`],
    ['server.port', 8443],
    ['client.address', `203.0.113.${Math.floor(random() * 256)}`],
    ['network.peer.address', `10.0.${Math.floor(random() * 8)}.${Math.floor(random() * 256)}`],
    ['network.peer.port', 32_768 + Math.floor(random() * 28_000)],
    ['network.protocol.version', '1.1'],
    ['user_agent.original', browsers[Math.floor(random() * browsers.length)]],
    ['http.response.body.size', Math.floor(200 + random() ** 3 * 60_000)],
    ['thread.id', 1 + Math.floor(random() * 16)],
    ['thread.name', 'http-worker-pool'],
  ]);
  writer.fixed64(0x41, ended);
  writer.fixed64(0x39, ended - lasted);
  writer.number(0x30, 2);
  writer.text(0x2a, `${method} ${route}`);
  writer.id(0x22, 8, random);
  writer.text(0x1a, 'ot=th:8;rv:9b8233f7e3a151');
  writer.id(0x12, 8, random);
  writer.id(0x0a, 16, random);
}

/** Writes protobuf from its end to its beginning, so that every length is known when it is written. Fields come out in the opposite order. */
class BackwardWriter {
  constructor(size) {
    this.bytes = Buffer.alloc(size);
    this.at = size;
  }

  taken() {
    return Buffer.from(this.bytes.subarray(this.at));
  }

  message(tag, write) {
    const end = this.at;
    write();
    this.varint(end - this.at);
    this.varint(tag);
  }

  attributes(tag, attributes) {
    for (const [key, value] of attributes.toReversed()) {
      this.message(tag, () => {
        this.message(0x12, () => (typeof value === 'string' ? this.text(0x0a, value) : this.number(0x18, value)));
        this.text(0x0a, key);
      });
    }
  }

  text(tag, text) {
    this.raw(tag, encoder.encode(text));
  }

  id(tag, length, random) {
    this.raw(
      tag,
      Uint8Array.from({ length }, () => Math.floor(random() * 256)),
    );
  }

  raw(tag, bytes) {
    this.at -= bytes.length;
    this.bytes.set(bytes, this.at);
    this.varint(bytes.length);
    this.varint(tag);
  }

  fixed64(tag, value) {
    this.at -= 8;
    this.bytes.writeBigUInt64LE(value, this.at);
    this.varint(tag);
  }

  fixed32(tag, value) {
    this.at -= 4;
    this.bytes.writeUInt32LE(value, this.at);
    this.varint(tag);
  }

  number(tag, value) {
    this.varint(value);
    this.varint(tag);
  }

  varint(value) {
    const length = value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
    this.at -= length;
    for (let index = 0, rest = value; index < length; index++, rest >>>= 7) {
      this.bytes[this.at + index] = index < length - 1 ? (rest & 0x7f) | 0x80 : rest;
    }
  }
}

/** Uniform in [0, 1), and unrelated for every seed (splitmix32). */
function randomOf(seed) {
  let state = Math.imul(seed + 1, 0x632b_e5ab);
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
