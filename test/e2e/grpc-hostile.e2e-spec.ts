import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GrpcReceiver } from '../../src/ingest/grpc/grpc-receiver.js';
import { ReceivingGate } from '../../src/ingest/receiving-gate.js';
import { exportTraces, framed, GrpcCaller, replyOf } from '../support/grpc-caller.js';
import { until } from '../support/otlp-ingest.js';

const maxBodyBytes = 2 ** 20;
const memory = new SharedArrayBuffer(ReceivingGate.bytes);
const hasReserved = (): number => (new Int32Array(memory)[0] as number) * 1024;

let bugs: unknown[];
let receiver: GrpcReceiver;
let port: number;
let caller: GrpcCaller;

/** With everybody's patience made short. */
const newReceiver = (problems: unknown[]): GrpcReceiver =>
  new GrpcReceiver(
    {
      limits: { maxBodyBytes, maxDecodedBytes: 4 * maxBodyBytes },
      gate: new ReceivingGate(8 * maxBodyBytes, memory),
      authorize: () => 'welcome',
      record: () => ({ accepted: 1, refused: new Map(), notice: '' }),
      busy: () => false,
      onRefused: () => undefined,
      onBug: (error) => problems.push(error),
    },
    { callMs: 700, firstCallMs: 700, idleMs: 700, stopMs: 200, sweepMs: 100 },
  );

beforeEach(async () => {
  bugs = [];
  receiver = newReceiver(bugs);
  port = await receiver.listen({ host: '127.0.0.1', port: 0 });
  caller = new GrpcCaller(port);
});

/** Whatever was done to it, it serves others, has no error of its own, and holds nothing. */
afterEach(async () => {
  const other = new GrpcCaller(port);
  expect((await other.call(exportTraces, framed(Buffer.alloc(10)))).status).toBe(0);
  other.close();
  caller.close();
  await until(hasReserved, (bytes) => bytes === 0);
  expect(bugs).toEqual([]);
  await receiver.stop();
});

const goawayOf = async (peer: GrpcCaller): Promise<number> => ((await once(peer.session, 'goaway')) as [number])[0];

async function open(bytes: string | Buffer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined).resume();
  socket.write(bytes);
  return socket;
}

describe('The OTLP/gRPC receiver, treated badly', () => {
  it('closes a connection that says nothing', async () => {
    await once(await open(''), 'close');
  });

  it('closes a connection that begins a header and does not end it', async () => {
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const halfHeaders = Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83]); // :method POST, and END_HEADERS is not set
    await once(await open(Buffer.concat([Buffer.from(preface), settings, halfHeaders])), 'close');
  });

  it('cuts off who sends empty pieces of a body without end', async () => {
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const headers = Buffer.from([0, 0, 6, 1, 4, 0, 0, 0, 1, 0x83, 0x86, 0x84, 0x41, 1, 0x61]); // POST / of http at a
    const empty = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1]);
    const socket = await open(Buffer.concat([Buffer.from(preface), settings, headers]));
    const sending = setInterval(() => void (socket.writable && socket.write(Buffer.concat(Array<Buffer>(50).fill(empty)))), 1);
    await once(socket, 'close');
    clearInterval(sending);
    expect(socket.bytesWritten).toBeLessThan(1_000_000);
  });

  it('closes one on which nothing has happened for long, politely', async () => {
    expect((await caller.call(exportTraces, framed(Buffer.alloc(10)))).status).toBe(0);
    expect(await goawayOf(caller)).toBe(constants.NGHTTP2_NO_ERROR);
    await caller.ended;
  });

  it.each([
    ['HTTP/1.1', 'POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}'],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
    ['noise', Buffer.alloc(100_000, 'x')],
  ])('closes a connection that speaks %s', async (_, bytes) => {
    await once(await open(bytes), 'close');
  });

  it('ends a call whose body comes too slowly', async () => {
    const stream = caller.open(exportTraces);
    stream.write(framed(Buffer.alloc(1_000)).subarray(0, 500));
    const dripping = setInterval(() => stream.write(Buffer.alloc(1)), 50);
    const reply = await replyOf(stream);
    clearInterval(dripping);
    expect([reply.status, reply.message]).toEqual([4, 'the call took longer than 0.7 s']);
  });

  it('ends a call whose answer nobody reads', async () => {
    const deaf = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
    deaf.on('error', () => undefined);
    const stream = deaf.request({ ':method': 'POST', ':path': exportTraces, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined).resume();
    stream.end(framed(Buffer.alloc(10)));
    await once(stream, 'close');
    deaf.destroy();
  });

  it('cuts off who pings without end, and not who pings now and then', async () => {
    const calm = new GrpcCaller(port);
    for (let index = 0; index < 10; index += 1) calm.session.ping(() => undefined);
    expect((await calm.call(exportTraces, framed(Buffer.alloc(10)))).status).toBe(0);
    calm.close();
    const goaway = goawayOf(caller);
    const pinging = setInterval(() => {
      for (let index = 0; index < 9 && !caller.session.destroyed; index += 1) caller.session.ping(() => undefined);
    }, 5);
    expect(await goaway).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    clearInterval(pinging);
    await caller.ended;
  });

  it('cuts off who opens calls only to take them back', async () => {
    let opened = 0;
    const opening = setInterval(() => {
      for (let index = 0; index < 50 && !caller.session.destroyed && !caller.session.closed; index += 1, opened += 1) {
        caller.open(exportTraces).close(constants.NGHTTP2_CANCEL);
      }
    }, 1);
    await caller.ended;
    clearInterval(opening);
    expect(opened).toBeGreaterThan(100);
  });

  it('holds no more than is allowed for messages that are begun and never ended, and lets go of them', async () => {
    const callers = Array.from({ length: 4 }, () => new GrpcCaller(port));
    const begun = callers.flatMap((peer) => Array.from({ length: 60 }, () => peer.open(exportTraces)));
    const replies = begun.map((stream) => replyOf(stream));
    for (const stream of begun) stream.write(framed(Buffer.alloc(maxBodyBytes)).subarray(0, 100_000));
    await until(hasReserved, (bytes) => bytes > 4 * maxBodyBytes);
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, hasReserved());
    }, 1);
    const statuses = (await Promise.all(replies)).map(({ status }) => status);
    clearInterval(watching);
    for (const peer of callers) peer.close();
    expect(most).toBeLessThanOrEqual(8 * maxBodyBytes);
    expect([...new Set(statuses)].sort((a, b) => a - b)).toEqual([4, 14]); // too slow, too many at once
  });

  it('takes a message that comes byte by byte', async () => {
    const stream = caller.open(exportTraces);
    for (const byte of framed(Buffer.alloc(3_000))) stream.write(Buffer.of(byte));
    stream.end();
    expect((await replyOf(stream)).status).toBe(0);
  });

  it.each([
    ['200 fields', Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, '1']))],
    ['20 KiB', { long: 'x'.repeat(20_000) }],
  ])('refuses a header of %s', async (_, headers) => {
    await caller.call(exportTraces, framed(Buffer.alloc(10))); // now the limits are agreed on; before, there is Node's of 64 KiB
    const { closedWith } = await caller.call(exportTraces, framed(Buffer.alloc(10)), headers);
    expect(closedWith).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  it('takes no more than 64 calls of a connection at once', async () => {
    await once(caller.session, 'remoteSettings');
    expect(caller.session.remoteSettings).toMatchObject({ maxConcurrentStreams: 64, maxHeaderListSize: 16_384 });
  });

  it('stops although a call is open', async () => {
    const stopping = newReceiver(bugs);
    const peer = new GrpcCaller(await stopping.listen({ host: '127.0.0.1', port: 0 }));
    const stream = peer.open(exportTraces);
    stream.write(Buffer.from([0]));
    await until(hasReserved, (bytes) => bytes > 0);
    await stopping.stop();
    await peer.ended;
  });
});
