// A sender of OTLP/HTTP as a process of its own: raw lines, kept open, one request after the other on each, bodies built before they are
// sent. Told by messages what to send and where; says what became of it.
import { connect } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { renumber, traceBodies } from './otlp-bodies.mjs';

const packers = { gzip: gzipSync, zstd: zstdCompressSync };
let number = 1;
let requests = [];
const spans = 768;

process.on('message', async (message) => {
  if (message.type === 'prepare') process.send(prepare(message));
  else process.send(await load(message));
});
process.on('disconnect', () => process.exit());

/** Requests with bodies of spans that have just ended: packed ones are all different, plain ones are made so when they are sent. */
function prepare({ packing = 'identity', count, options }) {
  const bodies = traceBodies(Math.min(count, 24), { endMs: Date.now(), spreadMs: 1_000, spans, ...options });
  requests = Array.from({ length: count }, (_, index) => {
    const body = bodies[index % bodies.length];
    renumber(body, number++);
    return requestOf(packing === 'identity' ? body : packers[packing](body), packing);
  });
  return { bytes: requests.reduce((sum, { length }) => sum + length, 0) };
}

/** @returns answers by status, with and without Retry-After, and spans that were accepted */
async function load({ port, connections, requests: most, seconds, again = true, pauseMs = 0 }) {
  const said = { answers: {}, withRetryAfter: {}, acceptedSpans: 0, failed: 0, seconds: 0 };
  const until = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1_000;
  let left = most ?? Number.POSITIVE_INFINITY;
  const isOver = () => left-- <= 0 || performance.now() > until;
  const begun = performance.now();
  const lines = Array.from({ length: connections }, (_, index) => requests.filter((_request, at) => at % connections === index));
  if (lines.some(({ length }) => length === 0)) throw new RangeError('a line has nothing to send: prepare more requests');
  await Promise.all(lines.map((mine) => line(port, again ? inTurns(mine) : mine.values(), isOver, said, pauseMs)));
  said.seconds = (performance.now() - begun) / 1_000;
  return said;
}

/** The answer has come before a request is made another one in place. */
function* inTurns(requests) {
  for (;;) {
    for (const request of requests) {
      renumber(request, number++);
      yield request;
    }
  }
}

function line(port, requests, isOver, said, pauseMs) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let heard = '';
    const send = () => {
      const { value: request } = isOver() ? {} : requests.next();
      if (request === undefined) socket.end();
      else socket.write(request);
    };
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const end = heard.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(heard)?.[1] ?? 0);
      if (heard.length < end + 4 + length) return;
      note(said, heard.slice(0, end));
      const isLast = /\r\nconnection: close/i.test(heard.slice(0, end));
      heard = '';
      if (isLast) socket.end();
      else if (pauseMs > 0) setTimeout(send, pauseMs * (0.5 + Math.random()));
      else send();
    });
    socket.on('error', () => {
      said.failed += 1;
    });
    socket.on('close', resolve);
    send();
  });
}

function requestOf(body, packing) {
  const coding = packing === 'identity' ? '' : `Content-Encoding: ${packing}\r\n`;
  const head = `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-protobuf\r\n${coding}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function note(said, text) {
  const status = text.slice(9, 12);
  said.answers[status] = (said.answers[status] ?? 0) + 1;
  if (status === '200') said.acceptedSpans += spans;
  const seconds = /\r\nretry-after: ([1-5])(\r|$)/i.test(text);
  if (seconds) said.withRetryAfter[status] = (said.withRetryAfter[status] ?? 0) + 1;
}
