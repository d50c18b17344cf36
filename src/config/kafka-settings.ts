import { type EnvironmentReader, quote } from './environment-reader.js';
import { type KafkaSettings } from './settings.js';
import { variables } from './variables.js';

const prefix = 'ASSAY_OTLP_KAFKA_';
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const seconds = { minimum: 0.5, maximum: 300 };

/** The log that OTLP is read from; null where no broker is named. */
export function kafkaOf(read: EnvironmentReader): KafkaSettings | null {
  const settings = {
    brokers: brokersOf(read),
    topics: topicsOf(read),
    group: nameOf(read, 'GROUP'),
    clientId: nameOf(read, 'CLIENT_ID'),
    sessionTimeoutSeconds: read.duration(`${prefix}SESSION_TIMEOUT`, 10, seconds),
    tls: tlsOf(read),
    sasl: saslOf(read),
  };
  if (settings.brokers.length > 0) return settings;
  const orphan = variables.find(({ name }) => name.startsWith(prefix) && name !== `${prefix}BROKERS` && read.text(name));
  if (orphan && read.text(`${prefix}BROKERS`) === null) {
    read.problem(orphan.name, 'without-brokers', `is set but ${prefix}BROKERS is not`, 'name the brokers, or remove it', null);
  }
  return null;
}

function brokersOf(read: EnvironmentReader): string[] {
  const brokers = read.list(`${prefix}BROKERS`);
  const wrong = brokers.filter((broker) => !/^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/.test(broker));
  if (wrong.length === 0) return brokers;
  return read.problem(`${prefix}BROKERS`, 'not-brokers', `names ${quote(wrong.join(','))}`, 'give host:port,host:port', []);
}

function topicsOf(read: EnvironmentReader): KafkaSettings['topics'] {
  const traces = topicOf(read, 'TRACES_TOPIC', 'otlp_spans');
  const topics = { traces, metrics: topicOf(read, 'METRICS_TOPIC', null), logs: topicOf(read, 'LOGS_TOPIC', null) };
  const named = Object.values(topics).filter((topic) => topic !== null);
  if (new Set(named).size < named.length) {
    read.problem(`${prefix}TRACES_TOPIC`, 'one-topic-twice', 'shares its topic with another signal', 'give each signal a topic', null);
  }
  if (named.length === 0) read.problem(`${prefix}TRACES_TOPIC`, 'no-topic', 'is off and no other topic is named', 'name a topic', null);
  return topics;
}

function topicOf(read: EnvironmentReader, name: string, fallback: string | null): string | null {
  const text = read.text(`${prefix}${name}`);
  if (text === 'off') return null;
  if (text === null || /^[\w.-]{1,249}$/.test(text)) return text ?? fallback;
  return read.problem(`${prefix}${name}`, 'not-a-topic', `is ${quote(text)}`, 'give letters, digits, dots, dashes and underscores', null);
}

function nameOf(read: EnvironmentReader, name: string): string {
  const text = read.text(`${prefix}${name}`) ?? 'assay';
  if (/^\S{1,200}$/.test(text)) return text;
  return read.problem(`${prefix}${name}`, 'not-a-name', `is ${quote(text)}`, 'give up to 200 characters without spaces', 'assay');
}

function tlsOf(read: EnvironmentReader): KafkaSettings['tls'] {
  const wanted = read.oneOf(`${prefix}TLS`, ['on', 'off'] as const, 'off') === 'on';
  const [caFile, certFile] = [read.text(`${prefix}TLS_CA`), read.text(`${prefix}TLS_CERT`)];
  const keyRef = read.reference(`${prefix}TLS_KEY`);
  if ((certFile === null) !== (read.text(`${prefix}TLS_KEY`) === null)) {
    read.problem(`${prefix}TLS_CERT`, 'half-a-pair', 'and …_TLS_KEY belong together', 'set both or neither', null);
  }
  if (wanted) return { caFile, certFile, keyRef };
  if (caFile !== null || certFile !== null) {
    read.problem(`${prefix}TLS`, 'off', 'is off although certificates are named', `set ${prefix}TLS=on, or remove them`, null);
  }
  return null;
}

function saslOf(read: EnvironmentReader): KafkaSettings['sasl'] {
  const username = read.text(`${prefix}SASL_USERNAME`);
  const passwordRef = read.reference(`${prefix}SASL_PASSWORD`);
  const mechanism = read.oneOf(`${prefix}SASL_MECHANISM`, mechanisms, 'SCRAM-SHA-512');
  if ((username === null) !== (read.text(`${prefix}SASL_PASSWORD`) === null)) {
    read.problem(`${prefix}SASL_USERNAME`, 'half-a-pair', 'and …_SASL_PASSWORD belong together', 'set both or neither', null);
  }
  return username !== null && passwordRef !== null ? { mechanism, username, passwordRef } : null;
}
