import { createServer } from 'node:net';

/** The preferred port of 127.0.0.1 where nobody has it, else one that is free. */
export async function portLike(preferred: number): Promise<number> {
  return (await bound(preferred)) ?? (await bound(0)) ?? preferred;
}

/** Takes the port for a moment; null where it is taken or not allowed. */
function bound(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
