import { applyDecorators, Body, Controller, HttpCode, Post, Res, UseFilters } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiExcludeController,
  ApiForbiddenResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Scope } from '../../access/scope.decorator.js';
import { TokenAlsoIn } from '../../access/token-places.js';
import { FlaggerFilter } from './flagger.filter.js';
import { FlaggerHooks, type HookAnswer } from './flagger-hooks.js';
import { readHook } from './hook.js';
import { oneLine } from './one-line.js';

const payload = {
  type: 'object',
  required: ['name', 'namespace', 'checksum'],
  properties: {
    name: { type: 'string', example: 'checkout' },
    namespace: { type: 'string', example: 'shop' },
    phase: { type: 'string', example: 'Progressing' },
    checksum: { type: 'string', example: '6f9c1d' },
    canaryWeight: { type: 'integer', minimum: 0, maximum: 100 },
    metadata: { type: 'object', additionalProperties: { type: 'string' }, example: { template: 'http-service' } },
  },
};

const text = { schema: { type: 'string' } };

/** A hook: its payload, and a line of text as its answer. */
const Hook = (path: string): MethodDecorator =>
  applyDecorators(
    Post(path),
    HttpCode(200),
    ApiBody({ schema: payload }),
    ApiProduces('text/plain'),
    ApiForbiddenResponse({ description: 'no, and why; also where the token or the body is wrong', ...text }),
    ApiNotFoundResponse({ description: 'no: there is no run for this revision', ...text }),
  );

/** Flagger's webhooks. The run is known by namespace, name and checksum. */
@ApiTags('flagger')
@Controller('flagger')
@Scope('deployer')
@TokenAlsoIn('path', 'metadata', 'basic')
@UseFilters(FlaggerFilter)
export class FlaggerController {
  constructor(private readonly hooks: FlaggerHooks) {}

  /** Starts the run. 200: the rollout may begin. */
  @Hook('confirm-rollout')
  @ApiOkResponse(text)
  async confirmRollout(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.confirmRollout(readHook(body), new Date()));
  }

  /** Starts the run where no other hook did. 200: the canary may get its first traffic. */
  @Hook('pre-rollout')
  @ApiOkResponse(text)
  async preRollout(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.preRollout(readHook(body), new Date()));
  }

  /** 200 only on promote; anything else is a failed check. */
  @Hook('rollout')
  @ApiOkResponse(text)
  async rollout(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.rollout(readHook(body), new Date()));
  }

  /** 200: the next weight may begin. */
  @Hook('confirm-traffic-increase')
  @ApiOkResponse(text)
  async confirmTrafficIncrease(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.confirmTrafficIncrease(readHook(body), new Date()));
  }

  /** 200 only on promote. */
  @Hook('confirm-promotion')
  @ApiOkResponse(text)
  async confirmPromotion(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.confirmPromotion(readHook(body), new Date()));
  }

  /** The rollout is over: its run is closed. */
  @Hook('post-rollout')
  @ApiOkResponse(text)
  async postRollout(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.postRollout(readHook(body), new Date()));
  }

  /** 200 rolls back: only on rollback. */
  @Hook('rollback')
  @ApiOkResponse(text)
  async rollback(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.rollback(readHook(body), new Date()));
  }

  /** Events of the canary; the weight in them is declared to the run. */
  @Hook('event')
  @ApiAcceptedResponse(text)
  async event(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.hooks.event(readHook(body), new Date()));
  }
}

/** The same with the token in the path, as Flagger sends no header. */
@ApiExcludeController()
@Controller('flagger/t/:token')
export class FlaggerWithTokenController extends FlaggerController {}

function send(reply: FastifyReply, { status, text }: HookAnswer): void {
  reply.status(status).headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).send(oneLine(text));
}
