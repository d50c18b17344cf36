import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request that a webhook receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
}

export type Behaviour = (exchange: { received: Received; response: ServerResponse; socket: Socket; count: number }) => void;

/** A webhook receiver on every loopback address, as well or as badly behaved as a spec asks. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  answer(behaviour: Behaviour): void;
  /** polite again, nothing received, no connection open */
  reset(): void;
  stop(): Promise<void>;
}

const politely: Behaviour = ({ response }) => response.writeHead(200).end('ok');

export async function startReceiver(): Promise<Receiver> {
  let behaviour = politely;
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const message = { path: request.url ?? '', headers: request.headers, body, at: Date.now() };
    received.push(message);
    behaviour({ received: message, response, socket: request.socket, count: received.length });
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    port: address.port,
    received,
    answer(next) {
      behaviour = next;
    },
    reset() {
      behaviour = politely;
      received.length = 0;
      server.closeAllConnections();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
