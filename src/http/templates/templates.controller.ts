import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { lintWithForecast } from '../../analysis/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { InvalidRequestError, type Template } from '../../domain/index.js';
import { TemplateCatalog } from '../../templates/index.js';
import { Scope } from '../access/scope.decorator.js';
import { assumedTrafficOf } from './assumed-traffic.js';
import { forecastOnWire } from './forecast.dto.js';
import { LintDto, LintedDto, TemplateDto, TemplateListDto, TemplateTextDto } from './template.dto.js';

/** The catalogue of templates, and the linter. */
@ApiTags('templates')
@Controller('v1/templates')
export class TemplatesController {
  private readonly scrapeSeconds: number;

  constructor(
    private readonly catalog: TemplateCatalog,
    @Inject(SETTINGS) { prometheus }: Pick<Settings, 'prometheus'>,
  ) {
    this.scrapeSeconds = prometheus?.scrapeIntervalSeconds ?? 15;
  }

  /** Every template, and every file that could not be one. */
  @Get()
  @Scope('viewer')
  list(): TemplateListDto {
    const problems = this.catalog.problems().map(({ file, issues }) => ({ file, issues: issues.map((issue) => ({ ...issue })) }));
    return { templates: this.catalog.all().map(templateOnWire), problems };
  }

  /** One template with its text: by `name`, `name@sha256:…` or hash. */
  @Get(':reference')
  @Scope('viewer')
  get(@Param('reference') reference: string): TemplateTextDto {
    return { ...templateOnWire(this.catalog.find(reference)), text: this.catalog.text(reference) };
  }

  /** Every mistake at once, with line, column and how to mend it. 200 also where there are some: that is the answer. */
  @Post('lint')
  @HttpCode(200)
  @Scope('viewer')
  @ApiConsumes('application/json', 'text/yaml')
  @ApiBody({ type: LintDto })
  lint(@Body() body: unknown): LintedDto {
    const { text, traffic } = lintRequestOf(body);
    const { template, issues, forecast } = lintWithForecast(text, traffic === undefined ? null : assumedTrafficOf(traffic), {
      scrapeSeconds: this.scrapeSeconds,
    });
    const valid = template !== null && !issues.some(({ severity }) => severity === 'error');
    return {
      valid,
      name: template?.name ?? null,
      hash: valid ? template.hash : null,
      issues: issues.map((issue) => ({ ...issue })),
      forecast: forecast && forecastOnWire(forecast),
    };
  }
}

/** The body is YAML itself, or JSON with the YAML in `text`. */
function lintRequestOf(body: unknown): { text: string; traffic: unknown } {
  if (typeof body === 'string') return { text: body, traffic: undefined };
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const { text, traffic, ...unknown } = fields;
  if (typeof text === 'string' && Object.keys(unknown).length === 0) return { text, traffic };
  throw new InvalidRequestError('send the template as text/yaml, or as JSON {"text": "…"}, with "traffic" for a forecast and nothing else');
}

function templateOnWire(template: Template): TemplateDto {
  const { name, title, description, labels, hash, cohorts, schedule } = template;
  const { windowSeconds, latenessSeconds, warmupSeconds, minDurationSeconds, minSamples, deadlineSeconds, onDeadline } = schedule;
  return {
    name,
    title,
    description,
    labels,
    hash,
    cohortsBy: cohorts.by,
    arguments: Object.entries(template.arguments).map(([argument, spec]) => ({
      name: argument,
      type: spec.type,
      required: spec.required,
      default: spec.default,
      description: spec.description,
    })),
    schedule: { windowSeconds, latenessSeconds, warmupSeconds, minDurationSeconds, minSamples, deadlineSeconds, onDeadline },
    metrics: template.metrics.map((metric) => ({
      name: metric.name,
      title: metric.title,
      kind: metric.kind,
      role: metric.role,
      source: metric.source,
      harm: metric.harm,
      unit: metric.unit,
    })),
  };
}
