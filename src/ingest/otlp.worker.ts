import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { ReceivingThread } from './receiving-thread.js';
import type { FromReceiver, ToReceiver, WorkerOptions } from './thread-messages.js';

/** Entry of a receiving thread. It runs beside the API and must not slow a verdict, so it steps back. */
const niceness = 5;

const options = workerData as WorkerOptions;
const send = (message: FromReceiver, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);

stepBack();
const thread = new ReceivingThread(options, {
  handOver: (part) => send({ type: 'part', part }, [part.rows.buffer, part.exemplars.buffer]),
  onRefused: (refusals) => send({ type: 'refused', refusals }),
  onProblem: (error) => send({ type: 'problem', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
});

parentPort?.on('message', (message: ToReceiver) => {
  if (message.type === 'plan') thread.usePlan(message.plan, message.held);
  else if (message.type === 'read') thread.wasRead();
  else void stop();
});

send({ type: 'listening', ports: await thread.listen(options.ports) });

async function stop(): Promise<void> {
  await thread.stop();
  send({ type: 'stopped' });
  parentPort?.close();
}

/** On Linux this is of the calling thread alone; where it is not allowed we go on as we are. */
function stepBack(): void {
  try {
    setPriority(0, niceness);
  } catch {
    send({ type: 'problem', message: 'receiving threads run at normal priority: lowering it is not allowed here' });
  }
}
