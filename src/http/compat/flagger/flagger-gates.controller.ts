import { applyDecorators, Body, Controller, HttpCode, Post, Res, UseFilters } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiExcludeController,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Scope } from '../../access/scope.decorator.js';
import { TokenAlsoIn } from '../../access/token-places.js';
import { FlaggerFilter } from './flagger.filter.js';
import { FlaggerGates, type GateKind } from './flagger-gates.js';
import { readCanaryName } from './hook.js';

const payload = {
  type: 'object',
  required: ['name', 'namespace'],
  properties: { name: { type: 'string', example: 'checkout' }, namespace: { type: 'string', example: 'shop' } },
};
const text = { schema: { type: 'string' } };

const Gate = (path: string): MethodDecorator =>
  applyDecorators(Post(path), HttpCode(200), ApiBody({ schema: payload }), ApiProduces('text/plain'));

/** The gates of Flagger's load tester, for manifests that have them: opened and closed by hand, and kept over restarts. */
@ApiTags('flagger')
@Controller('flagger')
@Scope('deployer')
@TokenAlsoIn('path', 'basic')
@UseFilters(FlaggerFilter)
export class FlaggerGatesController {
  constructor(private readonly gates: FlaggerGates) {}

  /** 200 while the gate is open, 403 otherwise. */
  @Gate('gate/check')
  @ApiOkResponse(text)
  @ApiForbiddenResponse(text)
  async checkGate(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.check('gate', body, reply);
  }

  @Gate('gate/open')
  @ApiAcceptedResponse(text)
  async openGate(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.set('gate', body, true, reply);
  }

  @Gate('gate/close')
  @ApiAcceptedResponse(text)
  async closeGate(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.set('gate', body, false, reply);
  }

  /** Always yes. */
  @Gate('gate/approve')
  @ApiOkResponse(text)
  approve(@Res() reply: FastifyReply): void {
    say(reply, 200, 'OK');
  }

  /** Always no. */
  @Gate('gate/halt')
  @ApiForbiddenResponse(text)
  halt(@Res() reply: FastifyReply): void {
    say(reply, 403, 'Forbidden');
  }

  /** 200 rolls back: only while somebody has opened it. */
  @Gate('rollback/check')
  @ApiOkResponse(text)
  @ApiForbiddenResponse(text)
  async checkRollback(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.check('rollback', body, reply);
  }

  @Gate('rollback/open')
  @ApiAcceptedResponse(text)
  async openRollback(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.set('rollback', body, true, reply);
  }

  @Gate('rollback/close')
  @ApiAcceptedResponse(text)
  async closeRollback(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.set('rollback', body, false, reply);
  }

  private async check(kind: GateKind, body: unknown, reply: FastifyReply): Promise<void> {
    const isOpen = await this.gates.isOpen(kind, readCanaryName(body));
    say(reply, isOpen ? 200 : 403, isOpen ? 'Approved' : 'Forbidden');
  }

  private async set(kind: GateKind, body: unknown, open: boolean, reply: FastifyReply): Promise<void> {
    await this.gates.set(kind, readCanaryName(body), open, new Date());
    say(reply, 202, open ? 'opened' : 'closed');
  }
}

/** The same with the token in the path, as Flagger sends no header. */
@ApiExcludeController()
@Controller('flagger/t/:token')
export class FlaggerGatesWithTokenController extends FlaggerGatesController {}

function say(reply: FastifyReply, status: number, line: string): void {
  reply.status(status).headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).send(line);
}
