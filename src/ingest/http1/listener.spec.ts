import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefusedRequest } from '../refused-request.js';
import type { Door, LineLimits } from './exchange.js';
import { type LineCount, Listener } from './listener.js';
import { canShare } from './read-into.js';

const usual: LineLimits = { headMs: 60_000, requestMs: 60_000, idleMs: 60_000, patienceMs: 60_000, patienceBytes: 10_000_000 };
const anyNumber: LineCount = { enter: () => true, leave: () => undefined };

/** Answers with the length of the body and its last bytes; refuses what the path says. */
class EchoDoor implements Door {
  readonly mostBodyBytes = 1_000_000;
  held = 0;
  open = 0;

  admit({ path }: { readonly path: string }) {
    const [, status] = /^\/refuse\/(\d+)$/.exec(path) ?? [];
    if (status !== undefined) throw new RefusedRequest(Number(status), 'as asked');
    this.open += 1;
    let mine = 0;
    return {
      hold: (bytes: number) => {
        mine += bytes;
        this.held += bytes;
        if (path === '/refuse-body') throw new RefusedRequest(429, 'too much');
      },
      respond: (body: Buffer) => ({
        status: 200,
        headers: {},
        body: Buffer.from(`${body.length}:${body.toString('latin1', Math.max(0, body.length - 9))}`),
      }),
      release: () => {
        this.open -= 1;
        this.held -= mine;
      },
    };
  }

  refuse(error: unknown) {
    const { status, message } = error as RefusedRequest;
    return { status, headers: {}, body: Buffer.from(message) };
  }
}

let listener: Listener | undefined;
let door: EchoDoor;
afterEach(async () => {
  await listener?.stop(0);
});

async function listen(limits: Partial<LineLimits> = {}, count = anyNumber): Promise<number> {
  door = new EchoDoor();
  listener = new Listener(door, { ...usual, ...limits }, count);
  return listener.listen({ host: '127.0.0.1', port: 0, reusePort: false });
}

/** What is said until the line is closed. @param isEnd  the sender closes its direction after the last piece */
async function tell(port: number, pieces: readonly (string | Buffer)[], isEnd = true): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const heard = hear(socket);
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  if (isEnd) socket.end();
  const text = await heard;
  socket.destroy();
  return text;
}

function hear(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  return new Promise((resolve) => {
    socket.once('end', () => resolve(text));
    socket.once('error', (error) => resolve(`${text}${String(error)}`));
  });
}

/** Status and body of each answer, in their order. */
const answersIn = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+) [^\r]*\r\n(?:[^\r]+\r\n)*?content-length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n/g)].map(
    ({ 0: head, 1: status, 2: length, index }) => `${status} ${text.slice(index + head.length, index + head.length + Number(length))}`,
  );

const post = (body: string | Buffer, path = '/', ...fields: string[]): Buffer => {
  const head = [`POST ${path} HTTP/1.1`, 'Host: a', ...fields, `Content-Length: ${body.length}`];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
};
const chunked = (...chunks: string[]): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;

describe('A head of lone line feeds', () => {
  const text = 'POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n';

  it.each<[string, readonly string[]]>([
    ['at once', [text]],
    ['byte by byte', [...text]],
    ['behind lines that end well', ['POST / HTTP/1.1\r\nHost: a\r', '\nx: 1', '\n\n']],
  ])('is refused without waiting for more: %s', async (_, pieces) => {
    expect(answersIn(await tell(await listen(), pieces, false))).toEqual(['400 a line of the head ends with a line feed alone']);
  });
});

describe('A line', () => {
  it('carries request after request, in whatever pieces they come', async () => {
    const port = await listen();
    const large = 'x'.repeat(300_000);
    const sent = Buffer.concat([
      post('first'),
      Buffer.from('\r\n'),
      post(''),
      Buffer.from(chunked('ab', 'c'.repeat(70_000))),
      post(large),
      post('last', '/', 'Connection: close'),
    ]);
    const heard = ['200 5:first', '200 0:', '200 70002:ccccccccc', '200 300000:xxxxxxxxx', '200 4:last'];
    expect(answersIn(await tell(port, [sent]))).toEqual(heard);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.oneof(fc.nat(400), fc.nat(sent.length)), { maxLength: 12 }), async (cuts) => {
        const sorted = [0, ...cuts.sort((a, b) => a - b), sent.length];
        const pieces = sorted.slice(1).map((to, index) => sent.subarray(sorted[index], to));
        expect(answersIn(await tell(port, pieces))).toEqual(heard);
      }),
      { numRuns: 30 },
    );
    const byteByByte = Buffer.concat([post('ab'), Buffer.from(chunked('cd', 'e'))]);
    expect(
      answersIn(
        await tell(
          port,
          Array.from(byteByByte, (_, at) => byteByByte.subarray(at, at + 1)),
        ),
      ),
    ).toEqual(['200 2:ab', '200 3:cde']);
    expect(door).toMatchObject({ open: 0, held: 0 });
  });

  it('does not mix up what many senders write at the same time', async () => {
    const port = await listen();
    const senders = Array.from({ length: 20 }, (_, sender) => {
      const mark = String(sender).padStart(9, '0');
      const body = `${'y'.repeat(40_000 + sender * 7_000)}${mark}`;
      const bytes = Buffer.concat([post(body), post(body)]);
      const pieces = Array.from({ length: Math.ceil(bytes.length / 30_000) }, (_, at) => bytes.subarray(at * 30_000, (at + 1) * 30_000));
      return { heard: tell(port, pieces), wanted: `200 ${body.length}:${mark}` };
    });
    for (const { heard, wanted } of senders) expect(answersIn(await heard)).toEqual([wanted, wanted]);
  });

  it('goes on after a refusal, when the rest of the refused request has come', async () => {
    const port = await listen();
    const pieces = [post('x'.repeat(200_000), '/refuse/503'), post('x'.repeat(200_000), '/refuse-body'), post('well')];
    expect(answersIn(await tell(port, pieces))).toEqual(['503 as asked', '429 too much', '200 4:well']);
    expect(door).toMatchObject({ open: 0, held: 0 });
  });

  it.each<[string, string | Buffer, string]>([
    ['a longer body than allowed', Buffer.concat([post('x'.repeat(1_000_001)), post('next')]), '413,200'],
    ['a longer body than allowed, in chunks', chunked(...Array<string>(11).fill('x'.repeat(100_000))), '413'],
    ['chunks that are malformed', `${chunked('abc').replace('abc', 'abcd')}POST / HTTP/1.1\r\n\r\n`, '400'],
    ['a head that is too long', `POST / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`, '431'],
    ['a head that is too long by a byte', `POST / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(16_384 - 28)}\r\n\r\n`, '431'],
    ['a head as long as allowed', `POST / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(16_384 - 29)}\r\n\r\n`, '200'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex'), '400'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
    ['a request that is cut off in its head', 'POST / HTT', '400'],
    ['a request that is cut off in its body', post('abcdef').subarray(0, -1), '400'],
    ['a request that is cut off in its chunks', chunked('abcdef').slice(0, -1), '400'],
    ['nothing', '', ''],
  ])('with %s is answered as it should be', async (_, sent, statuses) => {
    const port = await listen();
    expect(
      answersIn(await tell(port, [sent]))
        .map((answer) => answer.slice(0, 3))
        .join(),
    ).toBe(statuses);
  });

  it('is told to send the body, or not to', async () => {
    const port = await listen();
    const socket = connect(port, '127.0.0.1');
    const heard = hear(socket);
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';
    socket.write(head);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write('abc');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write(head.replace('POST /', 'POST /refuse/403'));
    expect(await heard).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\nconnection: keep-alive\r\n.*HTTP\/1\.1 403 Forbidden\r\nconnection: close/s,
    );
    socket.destroy();
  });

  it('gives no body to HEAD', async () => {
    const port = await listen();
    expect(await tell(port, ['HEAD /refuse/405 HTTP/1.1\r\nHost: a\r\n\r\n'])).toMatch(/^HTTP\/1\.1 405 .*content-length: 8\r\n\r\n$/s);
  });

  it('is read no further while its answers are not fetched', async () => {
    const port = await listen();
    const socket = connect(port, '127.0.0.1').pause();
    const request = post('', '/refuse/404');
    const many = Buffer.concat(Array<Buffer>(40_000).fill(request));
    const sends = (): Promise<boolean> => new Promise((resolve) => socket.write(many, () => resolve(true)));
    let stuck = false;
    for (let times = 0; times < 400 && !stuck; times += 1) stuck = !(await Promise.race([sends(), later(300)]));
    expect(stuck).toBe(true);
    socket.resume();
    await new Promise((resolve) => socket.once('drain', resolve));
    socket.destroy();
  });
});

const later = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), ms));

describe('Time is over', () => {
  it.each<[string, Partial<LineLimits>, string[], string]>([
    ['for a sender that says nothing', { headMs: 40 }, [], '408'],
    ['for a head that does not come to its end', { headMs: 40 }, ['POST / HTTP/1.1\r\n'], '408'],
    ['for a body that does not come to its end', { requestMs: 40 }, ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc'], '408'],
    ['for chunks that do not come to their end', { requestMs: 40 }, [chunked('abc').slice(0, -2)], '408'],
    ['between requests', { idleMs: 40, patienceMs: 40 }, [post('a').toString()], '200'],
    ['for the rest of what was refused', { patienceMs: 40 }, [post('abc', '/refuse/404').subarray(0, -1).toString()], '404'],
  ])('%s', async (_, limits, pieces, status) => {
    const port = await listen({ patienceMs: 1_000, ...limits });
    const text = await tell(port, pieces, false);
    expect(answersIn(text).map((answer) => answer.slice(0, 3))).toEqual([status]);
    expect(door).toMatchObject({ open: 0, held: 0 });
  });

  it('for a refused sender that writes on and on', async () => {
    const port = await listen({ patienceBytes: 100_000 });
    const socket = connect(port, '127.0.0.1').resume();
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write('nonsense');
    const writing = setInterval(() => socket.writable && socket.write('x'.repeat(20_000)), 1);
    await gone;
    clearInterval(writing);
  });

  it('for a half-open sender that never closes its direction', async () => {
    const port = await listen({ patienceMs: 40 });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.resume().on('error', () => undefined);
    socket.write(post('bye', '/', 'Connection: close'));
    await new Promise((resolve) => socket.once('end', resolve));
    while (socket.writable && !socket.errored) {
      socket.write('still here');
      await later(5);
    }
    socket.destroy();
  });
});

describe('A listener', () => {
  it('closes lines beyond its count, and lets in again when one has left', async () => {
    let open = 0;
    const count: LineCount = {
      enter: () => {
        if (open === 2) return false;
        open += 1;
        return true;
      },
      leave: () => {
        open -= 1;
      },
    };
    const port = await listen({}, count);
    const first = connect(port, '127.0.0.1');
    expect(answersIn(await tell(port, [post('one')]))).toEqual(['200 3:one']);
    const second = connect(port, '127.0.0.1');
    for (const socket of [first, second]) {
      socket.write(post('x'));
      await new Promise((resolve) => socket.once('data', resolve));
    }
    expect(answersIn(await tell(port, [post('one too many')]))).toEqual([]);
    first.destroy();
    let answers: string[] = [];
    while (answers.length === 0) answers = answersIn(await tell(port, [post('again')]));
    expect(answers).toEqual(['200 5:again']);
    second.destroy();
  });

  it('answers what has begun when it stops, closes idle lines at once, and cuts what does not end', async () => {
    const port = await listen();
    const [idle, begun, stuck] = [0, 1, 2].map(() => connect(port, '127.0.0.1')) as [Socket, Socket, Socket];
    const heard = [idle, begun, stuck].map(hear);
    idle.write(post('a'));
    begun.write(post('abc').subarray(0, -1));
    stuck.write(post('abc').subarray(0, -1));
    while (door.open < 2) await later(5);
    const stopped = listener?.stop(400);
    expect(answersIn((await heard[0]) ?? '')).toEqual(['200 1:a']);
    begun.write('c');
    expect(await heard[1]).toMatch(/^HTTP\/1\.1 200 OK\r\nconnection: close/);
    await stopped;
    await heard[2];
    expect(door).toMatchObject({ open: 0, held: 0 });
    listener = undefined;
  });

  it('reads into memory of its own on this version of Node', async () => {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    expect(canShare(await accepted)).toBe(true);
    (await accepted).destroy();
    socket.destroy();
    server.close();
  });
});
