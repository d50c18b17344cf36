import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to connections and to `listen(0)`, which start at 32 768 or higher. */
const range = { from: 20_000, to: 32_000 };

/**
 * Ports for servers in processes of their own. Nobody else takes them before the process listens, or while it is dead and
 * not started again: no connection begins at them, not even one to itself, and only others who draw here could.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  const listens = await once(probe, 'listening').then(
    () => true,
    () => false,
  );
  if (listens) await new Promise((resolve) => probe.close(resolve));
  return listens;
}
