import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type TemplateForecast } from '../../analysis/index.js';

/** What is believed of a service before a rollout. */
export class AssumedTrafficDto {
  /** of both cohorts together, > 0 */
  requestsPerSecond: number;
  /** the same for metrics that count only a part of the requests */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'number' } })
  requestsByMetric?: Readonly<Record<string, number>>;
  /** share of the canary, in (0, 1]; absent or null: the weights of the phases, 5 % where there are none */
  @ApiPropertyOptional({ type: 'number', nullable: true })
  share?: number | null;
  /** by metric: share of events (0.005 where none is given), or median of a distribution in the metric's unit */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'number' } })
  levels?: Readonly<Record<string, number>>;
  /** how many requests fail together, ≥ 1 */
  @ApiPropertyOptional({ default: 1 })
  phi?: number;
  /** harm that should be found: so many times the events, so many times as slow; > 1 */
  @ApiPropertyOptional({ default: 2 })
  harm?: number;
}

/** Medians in seconds since the start of a run. */
export class QuestionForecastDto {
  name: string;
  metric: string;
  informational: boolean;
  /** until a canary without harm is shown safe; null: never */
  @ApiProperty({ type: 'number', nullable: true })
  safeSeconds: number | null;
  /** until the assumed harm is rolled back, if the whole run had this weight; null: never, or not by this metric */
  @ApiProperty({ type: 'number', nullable: true })
  rollbackSeconds: number | null;
}

export class PhaseForecastDto {
  /** share of the canary, in (0, 1] */
  weight: number;
  questions: QuestionForecastDto[];
  /** until a canary without harm has passed this phase and those before it; null: never */
  @ApiProperty({ type: 'number', nullable: true })
  promoteSeconds: number | null;
}

export class NoForecastDto {
  metric: string;
  because: string;
}

/** How long verdicts would take under assumed traffic. */
export class ForecastDto {
  deadlineSeconds: number;
  phases: PhaseForecastDto[];
  /** metrics that have none */
  without: NoForecastDto[];
}

export const forecastOnWire = ({ deadlineSeconds, phases, without }: TemplateForecast): ForecastDto => ({
  deadlineSeconds,
  phases: phases.map(({ weight, questions, promoteSeconds }) => ({
    weight,
    questions: questions.map((question) => ({ ...question })),
    promoteSeconds,
  })),
  without: without.map((each) => ({ ...each })),
});
