import { Controller, Get, Headers, Inject, Logger, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { AwaitVerdict, RunFeed } from '../../analysis/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { type Run } from '../../domain/index.js';
import { RunStore } from '../../storage/index.js';
import { Disconnected } from '../access/caller.js';
import { Scope } from '../access/scope.decorator.js';
import { IdPipe } from '../edge/id.pipe.js';
import { ServerLife } from '../edge/server-life.js';
import { type ServerEvent, streamEvents } from './event-stream.js';
import { VerdictQuery } from './run-queries.dto.js';
import { VerdictDto } from './verdict.dto.js';
import { matchesTag, verdictTag } from './verdict-tag.js';
import { waitMsOf } from './wait.js';
import { verdictOnWire } from './wire.js';

interface Shown {
  readonly verdict: VerdictDto;
  readonly tag: string;
}

/** The verdict of a run: the one URL a deploy tool has to ask. */
@ApiTags('verdict')
@Controller('v1/runs/:id')
export class VerdictController {
  private readonly log = new Logger(VerdictController.name);
  private readonly rendered = new WeakMap<Run, Shown>();

  constructor(
    private readonly awaitVerdict: AwaitVerdict,
    private readonly runs: RunStore,
    private readonly feed: RunFeed,
    private readonly life: ServerLife,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The verdict on the data so far. With `wait` it is answered when there is news, or when the time is over. */
  @Get('verdict')
  @Scope('viewer')
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'tag of the verdict that is known: 304, or wait for another' })
  async verdict(
    @Param('id', IdPipe) id: string,
    @Query() { wait }: VerdictQuery,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Disconnected() disconnected: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VerdictDto | undefined> {
    let known = ifNoneMatch;
    const isKnown = (run: Run): boolean => {
      const { tag } = this.shown(run);
      known ??= tag; // without a tag the caller knows what there is now
      return matchesTag(known, tag);
    };
    const signal = AbortSignal.any([disconnected, this.life.stopping]);
    const run = await this.awaitVerdict.execute(id, { waitMs: waitMsOf(wait) ?? 0, isKnown }, signal);
    const { verdict, tag } = this.shown(run);
    reply.headers({ etag: tag, 'cache-control': 'no-cache' });
    if (!matchesTag(ifNoneMatch, tag)) return verdict;
    reply.status(304);
    return undefined;
  }

  /** The same as server-sent events `verdict`: now, after every look, and the final one; then the stream ends. */
  @Get('events')
  @Scope('viewer')
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ type: VerdictDto, description: 'each event carries a verdict' })
  async events(
    @Param('id', IdPipe) id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Disconnected() disconnected: AbortSignal,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.runs.get(id);
    const known = lastEventId === undefined ? null : `"${lastEventId}"`;
    if (run.state !== 'running' && this.shown(run).tag === known) {
      reply.status(204).send(); // tells an EventSource not to come again
      return;
    }
    const signal = AbortSignal.any([disconnected, this.life.stopping]);
    await streamEvents(reply, this.newVerdicts(id, known, signal), signal).catch((error: unknown) => {
      this.log.warn(`events of run ${id} broke off: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  private async *newVerdicts(id: string, known: string | null, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    for await (const run of this.feed.subscribe(id, signal)) {
      const { verdict, tag } = this.shown(run);
      if (tag !== known) yield { id: tag.slice(1, -1), name: 'verdict', data: verdict };
    }
  }

  /** Many ask for the same verdict: it is rendered once for them all. */
  private shown(run: Run): Shown {
    const known = this.rendered.get(run);
    if (known) return known;
    const verdict = verdictOnWire(run, this.settings.publicUrl);
    const shown = { verdict, tag: verdictTag(verdict) };
    this.rendered.set(run, shown);
    return shown;
  }
}
