import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { RecordingPlan, TimeSlice } from '../domain/index.js';
import { HeapGuard } from './heap-guard.js';
import { ReceivingGate } from './receiving-gate.js';
import { newSharedMemory, type ReceivingOptions, type ReceivingPorts, ReceivingThread } from './receiving-thread.js';
import { RefusalReport } from './refusal-report.js';
import type { FromReceiver, ToReceiver, WorkerOptions } from './thread-messages.js';
import type { WindowPart } from './window-part.js';

export interface ThreadEvents {
  /** @param merged  to be called once the part is merged: only then the clock of its thread moves on */
  readonly onPart: (part: WindowPart, thread: number, merged: () => void) => void;
  readonly onProblem: (problem: unknown) => void;
}

interface Receiver {
  /** up to when everything it received has been handed over */
  asOf: number;
  usePlan(plan: RecordingPlan, held: readonly TimeSlice[]): void;
  stop(): Promise<void>;
}

/** How receiving threads come to be. */
export interface ThreadStart {
  readonly entry: URL;
  /** before the first try to replace one; twice as long before each further one, up to half a minute */
  readonly restartAfterMs: number;
  /** until a new one must listen */
  readonly withinMs: number;
}

const usual: ThreadStart = { entry: new URL('./otlp.worker.js', import.meta.url), restartAfterMs: 1_000, withinMs: 30_000 };
const longestPauseMs = 30_000;
const stopWithinMs = 10_000;
/** a thread that was silent for so long no longer holds back the closing of windows */
const silentMs = 10_000;

/**
 * All receiving threads of a process, on the same ports. A thread that dies is replaced, however often that takes; what it had not handed over is lost.
 * With 0 threads requests are received on the calling thread: for tests, and where there is one core.
 */
export class ReceivingThreads {
  readonly memory = newSharedMemory();
  private readonly receivers = new Map<number, Receiver>();
  /** of the calling thread, which collects; each receiving thread has one, too */
  private readonly heap: HeapGuard;
  private options: ReceivingOptions;
  private held: readonly TimeSlice[] = [];
  private nextThread = 0;
  private readonly refusals = new RefusalReport();
  private stopping = false;
  private bound: ReceivingPorts;

  constructor(
    options: Omit<ReceivingOptions, 'memory'>,
    private readonly events: ThreadEvents,
    private readonly starting: ThreadStart = usual,
  ) {
    this.options = { ...options, memory: this.memory };
    this.heap = new HeapGuard(new ReceivingGate(options.otlp.maxBytesInFlight, this.memory.gate));
    this.bound = { http: options.otlp.port, grpc: options.otlp.grpcPort };
  }

  get ports(): ReceivingPorts {
    return this.bound;
  }

  async start(): Promise<void> {
    const { threads, host } = this.options.otlp;
    if (threads === 0) return this.startHere();
    if (threads > 1) await refuseTakenPorts(host, this.bound);
    this.heap.start();
    try {
      for (let started = 0; started < threads; started += 1) await this.startWorker();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Does any thread listen? */
  get isReceiving(): boolean {
    return this.receivers.size > 0;
  }

  /** All that was received before this moment has been handed over. */
  asOf(now: number): number {
    const heard = [...this.receivers.values()].map(({ asOf }) => asOf).filter((asOf) => now - asOf < silentMs);
    return heard.length > 0 ? Math.min(...heard) : now;
  }

  usePlan(plan: RecordingPlan, held: readonly TimeSlice[]): void {
    this.options = { ...this.options, plan };
    this.held = held;
    for (const receiver of this.receivers.values()) receiver.usePlan(plan, held);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.receivers.values()].map((receiver) => receiver.stop()));
    this.receivers.clear();
    this.refusals.stop();
    this.heap.stop();
  }

  private async startHere(): Promise<void> {
    const receiver: Receiver = { asOf: 0, usePlan: (plan, held) => thread.usePlan(plan, held), stop: () => thread.stop() };
    const handOver = (part: WindowPart): void => {
      this.events.onPart(part, 0, () => {
        receiver.asOf = part.asOf;
        queueMicrotask(() => thread.wasRead());
      });
    };
    const thread = new ReceivingThread(this.options, {
      handOver,
      onRefused: (refusals) => this.refusals.note(refusals),
      onProblem: this.events.onProblem,
    });
    this.bound = await thread.listen(this.bound);
    this.receivers.set(0, receiver);
  }

  private async startWorker(): Promise<void> {
    const number = this.nextThread++;
    const workerData: WorkerOptions = { ...this.options, ports: this.bound, number };
    const worker = new Worker(this.starting.entry, { workerData, name: `otlp-${number}` });
    const send = (message: ToReceiver): void => worker.postMessage(message);
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const receiver: Receiver = {
      asOf: Date.now(),
      usePlan: (plan, held) => send({ type: 'plan', plan, held }),
      stop: () => {
        send({ type: 'stop' });
        const cut = setTimeout(() => void worker.terminate(), stopWithinMs);
        return exited.finally(() => clearTimeout(cut));
      },
    };
    let late: NodeJS.Timeout | undefined;
    const listening = new Promise<ReceivingPorts>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`it ended with ${code} before it listened`)));
      late = setTimeout(() => reject(new Error(`it did not listen within ${this.starting.withinMs / 1_000} s`)), this.starting.withinMs);
      worker.on('message', (message: FromReceiver) => {
        if (message.type === 'listening') resolve(message.ports);
        else if (message.type === 'refused') this.refusals.note(message.refusals);
        else if (message.type === 'problem') this.events.onProblem(message.message);
        else if (message.type === 'part') this.takePart(message.part, number, receiver, send);
      });
    });
    try {
      this.bound = await listening;
    } catch (error) {
      await worker.terminate();
      this.forget(number);
      throw error;
    } finally {
      clearTimeout(late);
    }
    if (this.stopping) return receiver.stop();
    this.receivers.set(number, receiver);
    if (this.held.length > 0 || this.options.plan !== workerData.plan) receiver.usePlan(this.options.plan, this.held);
    worker.on('error', this.events.onProblem);
    worker.once('exit', () => this.replace(number));
  }

  private takePart(part: WindowPart, number: number, receiver: Receiver, send: (message: ToReceiver) => void): void {
    this.events.onPart(part, number, () => {
      receiver.asOf = part.asOf;
      send({ type: 'read' });
    });
  }

  private replace(number: number): void {
    this.receivers.delete(number);
    if (this.stopping) return;
    this.forget(number);
    this.startAgain('a receiving thread ended', this.starting.restartAfterMs);
  }

  private startAgain(why: string, pauseMs: number): void {
    this.events.onProblem(`${why}; another one starts in ${pauseMs} ms`);
    const again = async (): Promise<void> => {
      if (this.stopping) return;
      try {
        await this.startWorker();
      } catch (error) {
        this.startAgain(`a receiving thread could not start (${String(error)})`, Math.min(2 * pauseMs, longestPauseMs));
      }
    };
    setTimeout(() => void again(), pauseMs).unref();
  }

  private forget(number: number): void {
    new ReceivingGate(this.options.otlp.maxBytesInFlight, this.memory.gate, number).forgetThread();
  }
}

/** Threads share their ports, and would share them with another server too, each getting half of what comes. */
async function refuseTakenPorts(host: string, { http, grpc }: ReceivingPorts): Promise<void> {
  for (const port of [http, grpc]) if (port) await refuseTakenPort(host, port);
}

async function refuseTakenPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host, port }, resolve));
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}
