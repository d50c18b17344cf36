import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type Socket } from 'node:net';
import { type Readable } from 'node:stream';

/** What a refused sender may still send before the line is cut. */
export interface Patience {
  readonly ms: number;
  readonly bytes: number;
}

const usual: Patience = { ms: 5_000, bytes: 64 * 2 ** 20 };

export interface LastAnswer {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const statusOfClientError: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const refused = new WeakSet<Socket>();

/**
 * Answers bytes that never became a request, for an HTTP server's `clientError`: 431 for too long a head, 408 for one that
 * takes too long, else 400. The sender reads the answer, and not a reset that overtakes it: see {@link letSenderFinish}.
 *
 * @param answerFor  what to say with this status
 */
export function refuseBytes(
  error: Error & { readonly code?: string },
  socket: Socket,
  answerFor: (status: number) => LastAnswer,
  patience: Patience = usual,
): void {
  if (refused.has(socket)) return; // the parser complains again about what it has not understood once
  if (!socket.writable || error.code === 'ECONNRESET' || hasBegunToAnswer(socket)) {
    socket.destroy();
    return;
  }
  refused.add(socket);
  const status = statusOfClientError[error.code ?? ''] ?? 400;
  const { contentType, body } = answerFor(status);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.removeAllListeners('data'); // nothing more goes to the parser
  letSenderFinish(socket, patience);
  socket.end(Buffer.concat([Buffer.from(head, 'latin1'), body]));
}

/**
 * Throws away what still comes from a sender that has been refused, until it ends; but not for ever. A line that is closed
 * while bytes are unread is reset, and a reset may reach the sender before the answer does.
 */
export function letSenderFinish(sender: IncomingMessage | Socket, patience: Patience = usual): void {
  let thrownAway = 0;
  const cut = setTimeout(() => sender.destroy(), patience.ms).unref();
  const stopWaiting = (): void => clearTimeout(cut);
  const stream: Readable = sender;
  stream.on('data', (chunk: Buffer) => {
    thrownAway += chunk.length;
    if (thrownAway > patience.bytes) sender.destroy();
  });
  for (const event of ['close', 'error'] as const) stream.on(event, stopWaiting);
  if (isMessage(sender)) stream.on('end', stopWaiting); // a socket that has ended may still not take the answer
  stream.resume();
}

const isMessage = (sender: IncomingMessage | Socket): sender is IncomingMessage => 'httpVersion' in sender;

/** Part of an answer is on its way to this line: a second one in the middle of it would be read as its body. */
function hasBegunToAnswer(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as Socket & { readonly _httpMessage?: ServerResponse | null };
  return answer?.headersSent ?? false;
}
