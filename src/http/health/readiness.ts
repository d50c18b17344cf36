import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/index.js';
import { IngestServer, KafkaIngest } from '../../ingest/index.js';
import { Database } from '../../storage/index.js';
import { TemplateCatalog } from '../../templates/index.js';
import { ServerLife } from '../edge/server-life.js';
import { type DependencyDto, type IngestStateDto, type ReadinessDto } from './health.dto.js';

/** Something whose health is shown and never decides whether this server is ready. */
export interface SourceCheck {
  readonly name: string;
  /** @throws Error with a message that may be shown */
  ping(signal: AbortSignal): Promise<void>;
}

/** Token of the list of {@link SourceCheck}; the composition root fills it, as the edge knows no sources. */
export const SOURCE_CHECKS = Symbol('source checks');

const storeTimeoutMs = 2_000;
const sourceTimeoutMs = 2_000;
const sourceAnswerKeptMs = 10_000;

/** Answers whether this server should be asked, and shows what it depends on. */
@Injectable()
export class Readiness {
  private sources: { readonly at: number; readonly states: Promise<DependencyDto[]> } | null = null;

  constructor(
    private readonly database: Database,
    private readonly catalog: TemplateCatalog,
    private readonly ingest: IngestServer,
    private readonly kafka: KafkaIngest,
    private readonly life: ServerLife,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(SOURCE_CHECKS) private readonly checks: readonly SourceCheck[],
  ) {}

  /** @param detailed  false: without what names services, files or addresses */
  async now(now: Date, detailed: boolean): Promise<ReadinessDto> {
    const store = await stateOf('store', () => withTimeout(this.database.ping(), storeTimeoutMs));
    const problems = this.catalog.problems();
    const reason = this.reasonAgainst(store);
    return {
      status: reason === null ? 'ready' : 'not-ready',
      reason,
      roles: [...this.settings.roles],
      store: detailed ? store : { ...store, detail: null },
      sources: detailed ? await this.sourceStates() : [],
      ingest: this.settings.roles.includes('ingest') ? ingestState(this.closedThrough(), now) : null,
      templates: this.catalog.all().length,
      templatesWithMistakes: problems.length,
      templateProblems: detailed ? problems.map(({ file, issues }) => ({ file, issues: issues.map((issue) => ({ ...issue })) })) : [],
    };
  }

  /** @returns null: there is none */
  private reasonAgainst(store: DependencyDto): string | null {
    if (this.life.stopping.aborted) return 'the server is stopping';
    if (store.status !== 'ok') return 'the store does not answer';
    return this.ingest.isReceiving ? null : 'no thread receives telemetry; one is being started';
  }

  /** Complete is what is complete by every way that telemetry comes. */
  private closedThrough(): number {
    const received = this.ingest.closedThrough();
    return this.kafka.isWanted ? Math.min(received, this.kafka.closedThrough()) : received;
  }

  /** Asked at most every ten seconds, however often somebody looks. */
  private sourceStates(): Promise<DependencyDto[]> {
    const now = performance.now();
    if (this.sources && now - this.sources.at < sourceAnswerKeptMs) return this.sources.states;
    const states = Promise.all(this.checks.map(({ name, ping }) => stateOf(name, () => ping(AbortSignal.timeout(sourceTimeoutMs)))));
    this.sources = { at: now, states };
    return states;
  }
}

async function stateOf(name: string, ask: () => Promise<unknown>): Promise<DependencyDto> {
  try {
    await ask();
    return { name, status: 'ok', detail: null };
  } catch (error) {
    return { name, status: 'failing', detail: error instanceof Error ? error.message : 'unknown' };
  }
}

async function withTimeout(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms / 1000} s`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function ingestState(closedThrough: number, now: Date): IngestStateDto {
  if (!(closedThrough > 0 && Number.isFinite(closedThrough))) return { closedThrough: null, lagSeconds: null };
  const lagSeconds = Math.max(0, Math.round((now.getTime() - closedThrough) / 100) / 10);
  return { closedThrough: new Date(closedThrough).toISOString(), lagSeconds };
}
