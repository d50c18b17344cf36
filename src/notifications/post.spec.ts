import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Receiver, startReceiver } from '../../test/support/receiver.js';
import { type AddressLookup, guardedAgent } from './egress/guarded-agent.js';
import { type Answer, post } from './post.js';

let receiver: Receiver;
const message = { body: '{"type":"verdict.final"}', headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' } };
const never = new AbortController().signal;
const agents: { destroy(): Promise<void> }[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  receiver.reset();
  for (const agent of agents.splice(0)) await agent.destroy();
});
afterAll(() => receiver.stop());

function send(url: string, { allow = ['127.0.0.0/8'], lookup }: { allow?: string[]; lookup?: AddressLookup } = {}): Promise<Answer> {
  const agent = guardedAgent(allow, lookup);
  agents.push(agent);
  return post(agent, url, message, never);
}

const resolvingTo =
  (...addresses: string[]): AddressLookup =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('a post', () => {
  it('carries the message and brings back what the receiver said', async () => {
    receiver.answer(({ response }) => response.writeHead(202).end('tak\0en'));
    expect(await send(receiver.url)).toEqual({ status: 202, error: null, snippet: 'tak en', retryAfterSeconds: null });
    expect(receiver.received).toMatchObject([
      { body: message.body, headers: { 'webhook-id': 'evt_1', 'content-type': 'application/json' } },
    ]);
  });

  it('does not follow a redirect: the signature is not for others', async () => {
    receiver.answer(({ response }) => response.writeHead(307, { location: `${receiver.url}elsewhere` }).end());
    expect(await send(receiver.url)).toMatchObject({ status: 307, error: 'the receiver answered 307: redirects are not followed' });
    expect(receiver.received).toHaveLength(1);
  });

  it('lets go of an answer that never ends', async () => {
    let sent = 0;
    receiver.answer(({ response }) => {
      response.writeHead(200);
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384;
        if (!response.destroyed) response.once('drain', flood);
      };
      flood();
    });
    const answer = await send(receiver.url);
    expect(answer.status).toBe(200);
    expect(answer.snippet).toBe('x'.repeat(1024));
    expect(sent).toBeLessThan(50_000_000);
  });

  it('counts the status, though the answer breaks off', async () => {
    receiver.answer(({ response, socket }) => {
      response.writeHead(200, { 'content-length': '100' }).write('begin');
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    expect(await send(receiver.url)).toMatchObject({ status: 200, error: null, snippet: 'begin' });
  });

  it('says that the connection was lost', async () => {
    receiver.answer(({ socket }) => socket.resetAndDestroy());
    expect(await send(receiver.url)).toMatchObject({ status: null, error: 'the connection was lost before an answer came' });
  });

  it('says that nobody listens', async () => {
    expect(await send('http://127.0.0.1:1/')).toMatchObject({ status: null, error: 'the receiver refuses connections' });
  });

  it('says how long it is asked to wait', async () => {
    receiver.answer(({ response }) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await send(receiver.url)).toMatchObject({ status: 429, error: 'the receiver answered 429', retryAfterSeconds: 7 });
  });

  it('survives an answer that is not HTTP, or has endless headers', async () => {
    receiver.answer(({ socket }) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    expect(await send(receiver.url)).toMatchObject({ status: null, error: expect.stringMatching(/^no connection/) });
    receiver.answer(({ socket }) => socket.write(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}`));
    expect(await send(receiver.url)).toMatchObject({ status: null, error: 'the answer has too many headers' });
  });

  it('ends when the caller gives up', async () => {
    receiver.answer(() => {});
    const agent = guardedAgent(['127.0.0.0/8']);
    agents.push(agent);
    const caller = new AbortController();
    const posting = post(agent, receiver.url, message, caller.signal);
    setTimeout(() => caller.abort(new Error('stopping')), 30);
    await expect(posting).rejects.toThrow('stopping');
  });
});

describe('the egress guard', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://017700000001:PORT/',
    'http://0.0.0.0:PORT/',
    'http://0:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://①②⑦.⓪.⓪.①:PORT/',
    'http://１２７.0.0.1:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[0:0:0:0:0:ffff:7f00:1]:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[64:ff9b::7f00:1]:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST:PORT/',
    'https://127.0.0.1:PORT/',
  ])('does not reach the loopback by %s', async (form) => {
    const answer = await send(form.replace('PORT', String(receiver.port)), { allow: [] });
    expect(answer).toMatchObject({ status: null, error: expect.stringContaining('is not at a public address') });
    expect(receiver.received).toHaveLength(0);
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'gopher://127.0.0.1:1/', 'javascript:alert(1)', 'http://', '//host/', 'not a url'])(
    'does not even try %s',
    async (url) => {
      expect(await send(url)).toMatchObject({ status: null, error: 'the address is not an http or https URL' });
    },
  );

  it('keeps user names and passwords out of requests and errors', async () => {
    const answer = await send(`http://ana:s3cr3t@127.0.0.1:${receiver.port}/`);
    expect(answer.error).toBe('the address holds a user name or password');
    expect(receiver.received).toHaveLength(0);
  });

  it('refuses a name that resolves to the inside, with others or alone', async () => {
    const url = `http://receiver.example:${receiver.port}/`;
    for (const lookup of [resolvingTo('127.0.0.1'), resolvingTo('8.8.8.8', '127.0.0.1'), resolvingTo('::1'), resolvingTo()]) {
      expect((await send(url, { allow: [], lookup })).error).toBe(
        'receiver.example is not at a public address: allow its range with ASSAY_EGRESS_ALLOW if it is meant',
      );
    }
    expect(receiver.received).toHaveLength(0);
  });

  it('judges every lookup, so that a name cannot turn inwards after it was checked', async () => {
    const answers = [resolvingTo('127.0.0.5'), resolvingTo('10.0.0.7')];
    const rebinding: AddressLookup = (...lookup) => answers.shift()?.(...lookup);
    const agent = guardedAgent(['127.0.0.5/32'], rebinding);
    agents.push(agent);
    receiver.answer(({ response }) => response.writeHead(200, { connection: 'close' }).end());
    const url = `http://receiver.example:${receiver.port}/`;
    expect((await post(agent, url, message, never)).status).toBe(200);
    expect((await post(agent, url, message, never)).error).toContain('is not at a public address');
    expect(receiver.received).toHaveLength(1);
  });

  it('reaches a name inside an allowed range', async () => {
    const url = `http://receiver.example:${receiver.port}/`;
    expect(await send(url, { lookup: resolvingTo('127.0.0.1') })).toMatchObject({ status: 200 });
  });
});
