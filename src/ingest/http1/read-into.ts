import { Socket, type SocketConstructorOpts } from 'node:net';

/** @returns false: no more, until {@link Socket.resume} */
export type Take = (bytes: Buffer) => boolean;

/**
 * Reads an accepted line into memory that all lines of a thread share: what `take` is given is only lent, until it
 * returns. Without this every 64 KiB come in a buffer of their own, which costs three times what reading them does.
 *
 * Node has this for lines that it opens (`onread`) and not for those that it accepts, so the handle gets a new socket
 * around it. Where that is not possible any more, bytes come as they always did, and all that is lost is speed.
 *
 * @param accepted  paused and unread (`pauseOnConnect`); not to be used any more
 * @returns the socket to use instead
 */
export function readInto(accepted: Socket, shared: Buffer, take: Take): Socket {
  const handle = handleOf(accepted);
  return handle === null ? readAsUsual(accepted, take) : readShared(accepted, handle, shared, take);
}

/** Can lines be read into shared memory here? On Windows the kernel writes at times of its own, so no. */
export const canShare = (accepted: Socket): boolean => handleOf(accepted) !== null;

interface Accepted {
  _handle?: { useUserBuffer?: unknown } | null;
}

function handleOf(accepted: Socket): object | null {
  const { _handle: handle } = accepted as unknown as Accepted;
  return process.platform !== 'win32' && typeof handle?.useUserBuffer === 'function' ? handle : null;
}

function readShared(accepted: Socket, handle: object, shared: Buffer, take: Take): Socket {
  (accepted as unknown as Accepted)._handle = null;
  accepted.destroy(); // the shell alone
  const callback = (count: number): boolean => take(shared.subarray(0, count));
  return new Socket({ handle, allowHalfOpen: true, onread: { buffer: shared, callback } } as SocketConstructorOpts);
}

function readAsUsual(accepted: Socket, take: Take): Socket {
  accepted.on('data', (chunk: Buffer) => {
    if (!take(chunk)) accepted.pause();
  });
  return accepted.resume();
}
