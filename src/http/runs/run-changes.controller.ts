import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { ChangeRun } from '../../analysis/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { CallerName } from '../access/caller.js';
import { Scope } from '../access/scope.decorator.js';
import { IdPipe } from '../edge/id.pipe.js';
import { IdempotencyKey } from '../edge/idempotency-key.decorator.js';
import { CancelRunDto, ChangePhaseDto, OverrideRunDto } from './change-run.dto.js';
import { RunDto, StartedRunDto } from './run.dto.js';
import { runOnWire, startedOnWire } from './wire.js';

/** What deploy tools and people may do to a run. A run that has ended answers 409: a final verdict never changes. */
@ApiTags('runs')
@Controller('v1/runs/:id')
export class RunChangesController {
  constructor(
    private readonly change: ChangeRun,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The canary has another share of the traffic from now on. The evidence so far stays. */
  @Post('phase')
  @HttpCode(200)
  @Scope('deployer')
  async phase(@Param('id', IdPipe) id: string, @Body() { weight, phase }: ChangePhaseDto): Promise<RunDto> {
    return this.render(await this.change.phase(id, { weight, phase }, new Date()));
  }

  /** Stops the run. Never a success: whoever waits for it reads `hold`, `cancelled`. */
  @Post('cancel')
  @HttpCode(200)
  @Scope('deployer')
  async cancel(@Param('id', IdPipe) id: string, @Body() body: CancelRunDto, @CallerName() caller: string): Promise<RunDto> {
    const { reason = 'no reason given', actor = caller } = body;
    return this.render(await this.change.cancel(id, { reason, actor }, new Date()));
  }

  /** A person decides. The evidence stays beside the decision, and so do the reason and the name. */
  @Post('override')
  @HttpCode(200)
  @Scope('admin')
  async override(@Param('id', IdPipe) id: string, @Body() body: OverrideRunDto, @CallerName() caller: string): Promise<RunDto> {
    const actor = body.actor === caller ? caller : `${body.actor} (token ${caller})`;
    return this.render(await this.change.override(id, { decision: body.decision, reason: body.reason, actor }, new Date()));
  }

  /** The same question again, as a new run that is linked to this one. */
  @Post('rerun')
  @HttpCode(202)
  @Scope('deployer')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'the same key asks for the same new run' })
  async rerun(@Param('id', IdPipe) id: string, @IdempotencyKey() idempotencyKey: string | null): Promise<StartedRunDto> {
    const { run, created } = await this.change.rerun(id, idempotencyKey, new Date());
    return startedOnWire(run, created, this.settings.publicUrl);
  }

  private render(run: Parameters<typeof runOnWire>[0]): RunDto {
    return runOnWire(run, this.settings.publicUrl);
  }
}
