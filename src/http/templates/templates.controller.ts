import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { InvalidRequestError, type Template } from '../../domain/index.js';
import { parseTemplate, TemplateCatalog } from '../../templates/index.js';
import { Scope } from '../access/scope.decorator.js';
import { LintDto, LintedDto, TemplateDto, TemplateListDto, TemplateTextDto } from './template.dto.js';

/** The catalogue of templates, and the linter. */
@ApiTags('templates')
@Controller('v1/templates')
export class TemplatesController {
  constructor(private readonly catalog: TemplateCatalog) {}

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
    const { template, issues } = parseTemplate(textOf(body));
    const valid = template !== null && !issues.some(({ severity }) => severity === 'error');
    return {
      valid,
      name: template?.name ?? null,
      hash: valid ? template.hash : null,
      issues: issues.map((issue) => ({ ...issue })),
    };
  }
}

/** The body is YAML itself, or JSON with the YAML in `text`. */
function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  const names = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  if (names.length === 1 && names[0] === 'text') {
    const { text } = body as { text: unknown };
    if (typeof text === 'string') return text;
  }
  throw new InvalidRequestError('send the template as text/yaml, or as JSON {"text": "…"} and nothing else');
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
