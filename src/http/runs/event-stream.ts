import { once } from 'node:events';
import { type FastifyReply } from 'fastify';
import { limits } from '../edge/limits.js';

/** One server-sent event. */
export interface ServerEvent {
  /** what `Last-Event-ID` repeats */
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** The bytes of an event. JSON has no line break in it, so neither text of users nor anything else can forge a field. */
export const eventInBytes = ({ id, name, data }: ServerEvent): string => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * Sends events until there are no more or the signal fires, with a comment now and then that keeps proxies from closing the line.
 *
 * A reader that is too slow holds up only itself: the next event waits until the line takes it.
 */
export async function streamEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
  heartbeatMs: number = limits.heartbeatMs,
): Promise<void> {
  const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform' };
  reply.hijack();
  const line = reply.raw;
  line.on('error', () => undefined);
  line.writeHead(200, { ...headers, 'x-accel-buffering': 'no' } as Record<string, string>);
  line.write('retry: 2000\n\n');
  const heartbeat = setInterval(() => line.write(': still here\n\n'), heartbeatMs);
  try {
    for await (const event of events) {
      if (!line.write(eventInBytes(event))) await once(line, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    line.end();
  }
}
