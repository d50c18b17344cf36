import { applyDecorators, Body, Controller, Get, HttpCode, Param, Post, Query, UseFilters } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { version } from '../../../config/index.js';
import { InvalidRequestError } from '../../../domain/index.js';
import { Scope } from '../../access/scope.decorator.js';
import { TokenAlsoIn } from '../../access/token-places.js';
import { FormBody } from '../../edge/form-body.js';
import { FacadeFilter } from './facade.filter.js';
import { Facade, type FacadeAnswer } from './facade.js';
import { facadeSeries } from './facade-question.js';
import { momentOf, rangeOf } from './facade-time.js';

/** Parameters of a query string or a form: a text, or several under one name. */
type Asked = Readonly<Record<string, string | string[] | undefined>>;

interface Envelope {
  readonly status: 'success';
  readonly data: unknown;
  readonly warnings?: readonly string[];
}

/** The same parameters as in the query, in a form. */
const Form = (...names: readonly string[]): MethodDecorator =>
  applyDecorators(
    HttpCode(200),
    FormBody(),
    ApiConsumes('application/x-www-form-urlencoded'),
    ApiBody({ schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) } }),
  );

/** API level that clients may count on; Grafana chooses its calls by it. */
const spokenLevel = '2.53.0';

/** Verdicts for tools that ask a Prometheus: Flagger's MetricTemplate, Argo's `prometheus` provider, Grafana. */
@ApiTags('prometheus facade')
@ApiOkResponse({ description: 'the envelope of the Prometheus HTTP API', schema: { type: 'object', additionalProperties: true } })
@Controller('prometheus/api/v1')
@Scope('viewer')
@TokenAlsoIn('basic')
@UseFilters(FacadeFilter)
export class FacadeController {
  constructor(private readonly facade: Facade) {}

  /** The value now, or at `time`. `assay_verdict` is 1 promote, 0 hold, -1 rollback. */
  @Get('query')
  @ApiQuery({ name: 'query', type: String, example: 'assay_verdict{template="http-service",app="checkout"}' })
  @ApiQuery({ name: 'time', type: String, required: false })
  async query(@Query() asked: Asked): Promise<Envelope> {
    const now = new Date();
    const time = textOf(asked, 'time');
    return answered(await this.facade.query(required(asked, 'query'), time ? momentOf(time, 'time') : now.getTime(), now));
  }

  /** The same with a form as the body. */
  @Post('query')
  @Form('query', 'time')
  async queryByForm(@Query() inUrl: Asked, @Body() inBody: Asked): Promise<Envelope> {
    return this.query({ ...inUrl, ...inBody });
  }

  /** The values from `start` to `end`, every `step`; at most 11,000 points per series. */
  @Get('query_range')
  @ApiQuery({ name: 'query', type: String })
  @ApiQuery({ name: 'start', type: String })
  @ApiQuery({ name: 'end', type: String })
  @ApiQuery({ name: 'step', type: String, example: '15s' })
  async queryRange(@Query() asked: Asked): Promise<Envelope> {
    const times = Object.fromEntries(['start', 'end', 'step'].map((name) => [name, textOf(asked, name)]));
    return answered(await this.facade.range(required(asked, 'query'), rangeOf(times)));
  }

  /** The same with a form as the body. */
  @Post('query_range')
  @Form('query', 'start', 'end', 'step')
  async queryRangeByForm(@Query() inUrl: Asked, @Body() inBody: Asked): Promise<Envelope> {
    return this.queryRange({ ...inUrl, ...inBody });
  }

  /** Label sets of the series that fit `match[]`. */
  @Get('series')
  @ApiQuery({ name: 'match[]', type: String, isArray: true })
  async series(@Query() asked: Asked): Promise<Envelope> {
    if (listOf(asked, 'match[]').length === 0) throw new InvalidRequestError('no match[] parameter provided');
    return success(await this.found(asked));
  }

  /** The same with a form as the body. */
  @Post('series')
  @Form('match[]', 'start', 'end')
  async seriesByForm(@Query() inUrl: Asked, @Body() inBody: Asked): Promise<Envelope> {
    return this.series({ ...inUrl, ...inBody });
  }

  /** Names of labels. */
  @Get('labels')
  async labels(@Query() asked: Asked): Promise<Envelope> {
    const names = (await this.found(asked)).flatMap((labels) => Object.keys(labels));
    return success(distinct(['__name__', ...names]));
  }

  /** The same with a form as the body. */
  @Post('labels')
  @Form('match[]', 'start', 'end')
  async labelsByForm(@Query() inUrl: Asked, @Body() inBody: Asked): Promise<Envelope> {
    return this.labels({ ...inUrl, ...inBody });
  }

  /** Values of one label. */
  @Get('label/:name/values')
  async labelValues(@Param('name') name: string, @Query() asked: Asked): Promise<Envelope> {
    const values = (await this.found(asked)).flatMap((labels) => labels[name] ?? []);
    const always = name === '__name__' && listOf(asked, 'match[]').length === 0 ? Object.keys(facadeSeries) : [];
    return success(distinct([...always, ...values]));
  }

  /** What each series says. */
  @Get('metadata')
  metadata(): Envelope {
    return success(Object.fromEntries(Object.entries(facadeSeries).map(([name, help]) => [name, [{ type: 'gauge', help, unit: '' }]])));
  }

  /** The API level that is spoken here. */
  @Get('status/buildinfo')
  buildInfo(): Envelope {
    return success({ version: spokenLevel, revision: `assay-${version}`, branch: '', buildUser: '', buildDate: '', goVersion: '' });
  }

  private found(asked: Asked): Promise<Readonly<Record<string, string>>[]> {
    const now = Date.now();
    const [start, end] = [textOf(asked, 'start'), textOf(asked, 'end')];
    const to = end ? momentOf(end, 'end') : now;
    return this.facade.series(listOf(asked, 'match[]'), start ? momentOf(start, 'start') : to - 24 * 3_600_000, to);
  }
}

const success = (data: unknown): Envelope => ({ status: 'success', data });

const answered = ({ data, warnings }: FacadeAnswer): Envelope => ({ ...success(data), ...(warnings.length > 0 && { warnings }) });

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** Query strings come without a prototype, forms too: no name can reach anything but what was sent. */
const listOf = (asked: Asked, name: string): string[] =>
  [Object.hasOwn(asked, name) ? (asked[name] ?? []) : []].flat().filter((text) => typeof text === 'string');

const textOf = (asked: Asked, name: string): string | undefined => listOf(asked, name).at(-1);

function required(asked: Asked, name: string): string {
  const text = textOf(asked, name);
  if (text === undefined || text.trim() === '') throw new InvalidRequestError(`invalid parameter "${name}": it is missing`);
  return text;
}
