import { allows, type OtlpSettings, TokenFile } from '../config/index.js';
import type { RecordingPlan, TimeSlice } from '../domain/index.js';
import type { Admission, ReceiverOptions } from './entrance.js';
import { GrpcReceiver } from './grpc/grpc-receiver.js';
import { msUntilHandOver } from './hand-over-time.js';
import { HeapGuard } from './heap-guard.js';
import { type LineCount, type LineLimits, Listener } from './http1/index.js';
import { OtlpDoor } from './otlp-receiver.js';
import { PartRecorder } from './part-recorder.js';
import { ReceivingGate } from './receiving-gate.js';
import { RecentRequests } from './recent-requests.js';
import { type Refusals, RefusalTally } from './refusals.js';
import type { WindowPart } from './window-part.js';

/** Memory that all receiving threads of a process have in common. */
export interface SharedMemory {
  readonly gate: SharedArrayBuffer;
  readonly recent: SharedArrayBuffer;
}

export const newSharedMemory = (): SharedMemory => ({
  gate: new SharedArrayBuffer(ReceivingGate.bytes),
  recent: new SharedArrayBuffer(RecentRequests.bytes),
});

/** Where one thread listens, or is to listen; 0: any. */
export interface ReceivingPorts {
  readonly http: number;
  /** null: OTLP/gRPC is not received */
  readonly grpc: number | null;
}

export interface ReceivingOptions {
  readonly otlp: OtlpSettings;
  /** null: whoever reaches the port may push */
  readonly tokensFile: string | null;
  readonly plan: RecordingPlan;
  readonly memory: SharedMemory;
  /** of this thread; 0 where there is one alone */
  readonly number?: number;
}

const maxObservations = 50_000;
/** cells and points after which a part is handed over at once */
const mostWaiting = 20_000;
/** cells and points that may be under way to the collecting thread before senders are asked to wait */
const mostUnread = 200_000;
/** parts that may be under way; an empty one more would say nothing */
const mostPartsUnread = 20;
const patienceAtStopMs = 5_000;
const betweenRequestsMs = 65_000;
/** with a sender that has been refused */
const patience = { patienceMs: 5_000, patienceBytes: 64 * 2 ** 20 };

const lineLimits = ({ headerTimeoutSeconds, requestTimeoutSeconds }: OtlpSettings): LineLimits => ({
  headMs: headerTimeoutSeconds * 1_000,
  requestMs: requestTimeoutSeconds * 1_000,
  idleMs: betweenRequestsMs,
  ...patience,
});

export interface ReceivingEvents {
  readonly handOver: (part: WindowPart) => void;
  /** together some times a second, however many they are */
  readonly onRefused: (refusals: readonly Refusals[]) => void;
  readonly onProblem: (error: unknown) => void;
}

/** One thread's share of ingest: listeners of its own, and what it recorded handed over every 100 ms and whenever a window may close. */
export class ReceivingThread {
  private readonly gate: ReceivingGate;
  private readonly recent: RecentRequests;
  private readonly heap: HeapGuard;
  private readonly http: Listener;
  private readonly grpc: GrpcReceiver;
  private plan: RecordingPlan;
  private recorder: PartRecorder;
  /** cells and points of each part that was handed over and not read yet */
  private readonly unread: number[] = [];
  private readonly refused = new RefusalTally();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: ReceivingOptions,
    private readonly events: ReceivingEvents,
  ) {
    const { onProblem } = events;
    const { otlp, memory, plan } = options;
    this.gate = new ReceivingGate(otlp.maxBytesInFlight, memory.gate, options.number);
    this.heap = new HeapGuard(this.gate);
    this.recent = new RecentRequests(memory.recent);
    this.plan = plan;
    this.recorder = this.newRecorder(plan, []);
    const receiving: ReceiverOptions = {
      limits: otlp,
      gate: this.gate,
      authorize: admission(options.tokensFile, onProblem),
      record: (signal, encoding, body) => {
        const batch = this.recorder.read(signal, encoding, body);
        const receipt = this.recorder.record(batch, this.acceptedTimes());
        if (this.recorder.load > mostWaiting || this.recorder.crowded) this.flush();
        return receipt;
      },
      busy: () => this.unread.reduce((sum, load) => sum + load, 0) > mostUnread,
      onRefused: (door, reason) => this.refused.add({ door, reason, count: 1 }),
      onBug: onProblem,
    };
    this.http = new Listener(new OtlpDoor(receiving), lineLimits(otlp), this.lineCount());
    this.grpc = new GrpcReceiver(receiving, { callMs: otlp.requestTimeoutSeconds * 1_000 });
  }

  /** @returns where it listens */
  async listen({ http, grpc }: ReceivingPorts): Promise<ReceivingPorts> {
    const where = { host: this.options.otlp.host, reusePort: this.options.otlp.threads > 1 };
    const httpPort = await this.http.listen({ ...where, port: http });
    this.handOverInTime();
    this.heap.start();
    const grpcPort = grpc === null ? null : await this.grpc.listen({ ...where, port: grpc });
    return { http: httpPort, grpc: grpcPort };
  }

  usePlan(plan: RecordingPlan, held: readonly TimeSlice[]): void {
    this.flush();
    this.plan = plan;
    this.recorder = this.newRecorder(plan, held);
  }

  /** The collecting thread has read a part. */
  wasRead(): void {
    this.unread.shift();
  }

  /** Answers what has begun, hands over the rest, and takes nothing more. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.heap.stop();
    await Promise.all([this.http.stop(patienceAtStopMs), this.grpc.stop()]);
    this.flush();
    this.tellRefused();
  }

  private handOverInTime(): void {
    this.timer = setTimeout(
      () => {
        if (this.recorder.load > 0 || this.unread.length < mostPartsUnread) this.flush();
        this.tellRefused();
        this.handOverInTime();
      },
      msUntilHandOver(Date.now(), this.plan),
    );
  }

  /** Sent even when empty: it says up to when everything is handed over. */
  private flush(): void {
    this.unread.push(this.recorder.load);
    this.events.handOver(this.recorder.take(Date.now()));
  }

  private tellRefused(): void {
    const refusals = this.refused.take();
    if (refusals.length > 0) this.events.onRefused(refusals);
  }

  private lineCount(): LineCount {
    const lines = this.gate.lineCount(this.options.otlp.maxConnections);
    const enter = (): boolean => {
      const isIn = lines.enter();
      if (!isIn) this.refused.add({ door: 'http', reason: 'too-many-connections', count: 1 });
      return isIn;
    };
    return { enter, leave: () => lines.leave() };
  }

  private newRecorder(plan: RecordingPlan, held: readonly TimeSlice[]): PartRecorder {
    const { maxSeries, maxCohortSeries } = this.options.otlp;
    return new PartRecorder(plan, { maxSeries, maxCohortSeries, maxObservations }, held, this.recent);
  }

  private acceptedTimes(): { oldestMs: number; newestMs: number } {
    const now = Date.now();
    const { maxAgeSeconds, maxFutureSeconds } = this.options.otlp;
    return { oldestMs: now - maxAgeSeconds * 1000, newestMs: now + maxFutureSeconds * 1000 };
  }
}

function admission(path: string | null, onProblem: (error: unknown) => void): (token: string | null) => Admission {
  if (path === null) return () => 'welcome';
  const tokens = new TokenFile(path, onProblem);
  return (token) => {
    const entry = token === null ? null : tokens.find(token);
    if (entry === null) return 'unknown';
    return allows(entry.scopes, 'ingest') ? 'welcome' : 'without the scope';
  };
}
