// A sender of OTLP/gRPC as a process of its own, over HTTP/2 lines that stay open, one call after the other on each. Told by
// messages what to send and where, as load-sender.mjs is.
import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { renumber, traceBodies } from './otlp-bodies.mjs';

const head = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
};
let messages = [];
let packing = 'identity';
let number = 1;

process.on('message', async (message) => {
  if (message.type === 'prepare') process.send(prepare(message));
  else process.send(await load(message));
});
process.on('disconnect', () => process.exit());

function prepare(wanted) {
  packing = wanted.packing ?? 'identity';
  messages = traceBodies(wanted.count, { endMs: Date.now(), ...wanted.options });
  if (packing === 'gzip') messages = messages.map((body) => gzipSync(body));
  return { bytes: messages.reduce((sum, { length }) => sum + length, 0) };
}

/** @returns answers by HTTP status and, where gRPC has another code than 0, by that */
async function load({ port, connections, requests, again = true }) {
  const said = { answers: {}, failed: 0, seconds: 0 };
  const begun = performance.now();
  const queue = turns(requests, again);
  await Promise.all(Array.from({ length: connections }, () => line(port, queue, said)));
  said.seconds = (performance.now() - begun) / 1_000;
  return said;
}

/** Whose turn it is, of all lines together; a plain message is made another one each time, in a copy. */
function* turns(requests, again) {
  for (let turn = 0; turn < (again ? requests : Math.min(requests, messages.length)); turn++) {
    const message = messages[turn % messages.length];
    const framed = Buffer.allocUnsafe(5 + message.length);
    framed[0] = packing === 'identity' ? 0 : 1;
    framed.writeUInt32BE(message.length, 1);
    message.copy(framed, 5);
    if (packing === 'identity') renumber(framed, number++);
    yield framed;
  }
}

async function line(port, queue, said) {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => (said.failed += 1));
  for (const framed of queue) {
    const status = await call(session, framed);
    said.answers[status] = (said.answers[status] ?? 0) + 1;
  }
  session.close();
}

function call(session, framed) {
  return new Promise((resolve) => {
    const stream = session.request(packing === 'identity' ? head : { ...head, 'grpc-encoding': packing });
    let said = {};
    for (const event of ['response', 'trailers']) stream.on(event, (headers) => (said = { ...said, ...headers }));
    stream.on('error', () => undefined).resume();
    stream.on('close', () => resolve(said['grpc-status'] === '0' ? '200' : `gRPC ${said['grpc-status']}`));
    stream.end(framed);
  });
}
