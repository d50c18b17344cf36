// A process of its own that posts bodies of OTLP traces on many connections as fast as they are taken: each connection sends its next
// request when the last one is answered. Spans end in the second in which they are sent, as live ones do.
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { traceBody } from './otlp-bodies.mjs';

const { port, connections, seconds, bodiesASecond, niceness } = JSON.parse(process.argv[2]);
/** as much of a body as has the first trace id in it: that is what makes a request another one */
const headBytes = 8_192;
const traceIdStart = Buffer.from([0x0a, 16]);

setPriority(0, niceness);
const bodies = await prepared();
process.send({ type: 'prepared' });
await new Promise((resolve) => process.once('message', resolve));
const counts = { 200: 0, spans: 0 };
let stopped = false;
let number = process.pid * 1_000_003;
const open = Array.from({ length: connections }, () => begin());
process.once('message', async () => {
  stopped = true;
  for (const socket of open) socket.destroy();
  process.send({ type: 'done', counts });
  process.disconnect();
});

/** By second: bodies whose spans end in it, in two parts, of which the first is copied for each request. */
async function prepared() {
  const from = Math.floor(Date.now() / 1_000) + 1;
  const made = [];
  for (let second = 0; second < seconds; second++) {
    const endMs = (from + second + 1) * 1_000;
    made.push(
      Array.from({ length: bodiesASecond }, (_, index) =>
        split(traceBody({ batch: second * bodiesASecond + index, endMs, spreadMs: 1_000 })),
      ),
    );
    await wait(0);
  }
  return { from, made };
}

function split(body) {
  const at = firstTraceId(body);
  return { head: body.subarray(0, headBytes), rest: body.subarray(headBytes), at, length: body.length };
}

function firstTraceId(body) {
  for (let at = body.indexOf(traceIdStart); at >= 0; at = body.indexOf(traceIdStart, at + 1)) {
    if (body[at + 18] === 0x12 && body[at + 19] === 8 && at + 18 < headBytes) return at + 2;
  }
  throw new RangeError('there is no trace id at the beginning');
}

function begin() {
  const socket = connect(port, '127.0.0.1', () => next(socket));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
    if (answer.length < end + 4 + length) return;
    const status = answer.slice(9, 12);
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === '200') counts.spans += 768;
    answer = answer.slice(end + 4 + length);
    if (!stopped) next(socket);
  });
  socket.on('error', () => {
    counts.broken = (counts.broken ?? 0) + 1;
  });
  return socket;
}

function next(socket) {
  const second = Math.max(0, Math.min(bodies.made.length - 1, Math.floor(Date.now() / 1_000) - bodies.from));
  const choice = bodies.made[second];
  const { head, rest, at, length } = choice[number % choice.length];
  const own = Buffer.from(head);
  own.writeUInt32LE(number++ >>> 0, at);
  socket.cork();
  socket.write(`POST /v1/traces HTTP/1.1\r\nhost: assay\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`);
  socket.write(own);
  socket.write(rest);
  socket.uncork();
}
