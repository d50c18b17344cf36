import type { EventPayload, OutboxEvent } from '../../domain/index.js';
import type { Channel, ChannelOptions } from '../channel.js';
import { binary, withBearer } from './cloudevents.channel.js';
import { issuesOfOptions, oneOf, textUpTo } from './option-issues.js';

type Data = EventPayload['data'];
type SpecVersion = '0.4.1' | '0.5.1';

/** What a run is to the tools that read the events: a test suite run, an incident where it was rolled back, or a verdict of its own kind. */
type About = 'test-suite-run' | 'incident' | 'verdict';

interface Dialect {
  /** versions of the event types in it */
  readonly eventVersion: string;
  readonly outcomes: Readonly<Record<NonNullable<Data['decision']> | 'cancelled', string>>;
}

const dialects: Readonly<Record<SpecVersion, Dialect>> = {
  '0.4.1': { eventVersion: '0.2.0', outcomes: { promote: 'pass', rollback: 'fail', hold: 'error', cancelled: 'cancel' } },
  '0.5.1': { eventVersion: '0.3.0', outcomes: { promote: 'success', rollback: 'failure', hold: 'error', cancelled: 'cancel' } },
};

const source = '/assay';

/**
 * The event as a CDEvent in the binary mode of CloudEvents: `testsuiterun.started` and `.finished`, or `incident.detected`, or
 * `assay-verdict.decided`, which every look that is news is in any case.
 *
 * @see cdevents.dev, specifications 0.4.1 and 0.5.1
 */
export const cdEventsChannel: Channel = {
  type: 'cdevents',
  secretAddress: false,
  secret: 'optional',
  optionIssues: (options) =>
    issuesOfOptions(options, {
      specVersion: oneOf('0.5.1', '0.4.1'),
      about: oneOf('test-suite-run', 'incident', 'verdict'),
      environment: textUpTo(200),
    }),
  render(event, { options, credential }) {
    const cdEvent = cdEventOf(event, options);
    const { id, type, timestamp: time } = cdEvent.context;
    const attributes = { specversion: '1.0', id, source, type, subject: cdEvent.subject.id, time };
    return withBearer(binary(JSON.stringify(cdEvent), attributes), credential);
  },
};

interface CdEvent {
  readonly context: Readonly<Record<'id' | 'source' | 'type' | 'timestamp' | 'chainId', string>> &
    Readonly<Partial<Record<'version' | 'specversion', string>>>;
  readonly subject: { readonly id: string; readonly source: string; readonly type?: string; readonly content: Subject['content'] };
  readonly customData: { readonly assay: Data };
  readonly customDataContentType: string;
}

function cdEventOf({ id, body }: OutboxEvent, options: ChannelOptions): CdEvent {
  const { type, timestamp, data } = JSON.parse(body) as EventPayload;
  const spec: SpecVersion = options['specVersion'] === '0.4.1' ? '0.4.1' : '0.5.1';
  const about = (options['about'] ?? 'test-suite-run') as About;
  const environment = {
    id: data.labels['environment'] || (typeof options['environment'] === 'string' ? options['environment'] : 'production'),
  };
  const { name, subjectType, content } = subjectOf(type, data, about, environment, dialects[spec]);
  const version = spec === '0.4.1' ? { version: spec } : { specversion: spec };
  return {
    context: { ...version, id, source, type: name, timestamp, chainId: data.run },
    subject: { id: data.run, source, ...(spec === '0.4.1' && { type: subjectType }), content },
    customData: { assay: data },
    customDataContentType: 'application/json',
  };
}

interface Subject {
  readonly name: string;
  readonly subjectType: string;
  readonly content: Readonly<Record<string, unknown>>;
}

function subjectOf(type: EventPayload['type'], data: Data, about: About, environment: { id: string }, dialect: Dialect): Subject {
  const isRollback = type === 'verdict.final' && data.decision === 'rollback';
  if (about === 'incident' && isRollback) {
    const service = { id: data.service ?? data.canary };
    return standard('incident', 'detected', 'incident', { environment, service, description: data.reason }, dialect);
  }
  const testSuite = { id: data.template, name: data.template.split('@')[0] };
  if (about === 'test-suite-run' && type === 'run.started')
    return standard('testsuiterun', 'started', 'testSuiteRun', { environment, testSuite }, dialect);
  if (about === 'test-suite-run' && type === 'verdict.final') {
    const outcome = dialect.outcomes[data.code === 'cancelled' ? 'cancelled' : (data.decision ?? 'hold')];
    const severity = severityOf(data);
    const content = { environment, testSuite, outcome, reason: data.reason, ...(severity && { severity }) };
    return standard('testsuiterun', 'finished', 'testSuiteRun', content, dialect);
  }
  const { decision, final, code, reason, url } = data;
  return {
    name: 'dev.cdeventsx.assay-verdict.decided.0.1.0',
    subjectType: 'assay-verdict',
    content: { decision, final, code, reason, environment, ...(isUrl(url) && { reportUrl: url }) },
  };
}

const standard = (
  subject: string,
  predicate: string,
  subjectType: string,
  content: Subject['content'],
  { eventVersion }: Dialect,
): Subject => ({
  name: `dev.cdevents.${subject}.${predicate}.${eventVersion}`,
  subjectType,
  content,
});

function severityOf({ decision, code, metrics }: Data): 'critical' | 'high' | 'medium' | null {
  if (decision === 'promote' || code === 'cancelled') return null;
  if (decision !== 'rollback') return 'medium';
  return metrics.some(({ role, assessment }) => role === 'critical' && assessment === 'harmful') ? 'critical' : 'high';
}

const isUrl = (url: string): boolean => /^https?:\/\//.test(url);
