/** One environment variable that Assay reads. The table in docs/configuration.md is compared with this list. */
export interface Variable {
  readonly name: string;
  /** as an operator would write it; null: nothing unless set */
  readonly default: string | null;
  readonly about: string;
}

const variable = (name: string, fallback: string | null, about: string): Variable => ({ name, default: fallback, about });

/** Every variable of `assay serve`, in the order of the documentation. */
export const variables: readonly Variable[] = [
  variable('ASSAY_HOST', '127.0.0.1', 'Address of the API and of the metrics page. Anything but loopback needs `ASSAY_TOKENS_FILE`'),
  variable('ASSAY_PORT', '8080', 'Port of the API; 0 takes any free one'),
  variable('ASSAY_PUBLIC_URL', 'http://HOST:PORT', 'How people and deploy tools reach this server; used in links and messages'),
  variable('ASSAY_ROLES', 'api,ingest,engine,delivery', 'What this process does, comma-separated'),
  variable('ASSAY_OTLP_HOST', '127.0.0.1', 'Address of the OTLP listener. Anything but loopback needs `ASSAY_TOKENS_FILE`'),
  variable('ASSAY_OTLP_PORT', '4318', 'Port of the OTLP/HTTP listener; 0 takes any free one'),
  variable(
    'ASSAY_OTLP_GRPC_PORT',
    '4317',
    'Port of the OTLP/gRPC listener, at the same address; 0 takes any free one, `off` listens to none',
  ),
  variable('ASSAY_OTLP_THREADS', 'cores - 1, 1 to 4', 'Worker threads that read OTLP, at most 64; 0 reads beside everything else'),
  variable('ASSAY_OTLP_MAX_BODY_BYTES', '8MiB', 'Largest OTLP body on the wire; larger ones are refused with 413'),
  variable('ASSAY_OTLP_MAX_DECODED_BYTES', '20MiB', 'Largest OTLP body after decompression'),
  variable('ASSAY_OTLP_MAX_BYTES_IN_FLIGHT', '64MiB', 'Bytes of OTLP held at once; beyond it senders are told to retry later'),
  variable('ASSAY_OTLP_MAX_CONNECTIONS', '1024', 'Open lines of OTLP/HTTP at once; further ones are closed'),
  variable('ASSAY_OTLP_HEADER_TIMEOUT', '10s', 'How long the head of an OTLP request may take to arrive'),
  variable('ASSAY_OTLP_REQUEST_TIMEOUT', '60s', 'How long all of an OTLP request may take to arrive'),
  variable('ASSAY_OTLP_MAX_AGE', '1h', 'Oldest event time accepted. Raise it to feed recorded telemetry'),
  variable('ASSAY_OTLP_MAX_FUTURE', '5m', 'How far ahead of the clock an event time may be'),
  variable(
    'ASSAY_OTLP_MAX_SERIES',
    '20000',
    'Series kept in an open window, and five times as many in all; more go to overflow cells and the evidence says so',
  ),
  variable(
    'ASSAY_OTLP_MAX_COHORT_SERIES',
    '1000',
    'The same for one cohort of a service, for its spans, its log records and each of its metrics',
  ),
  variable(
    'ASSAY_OTLP_RESTART_GRACE',
    '10s',
    'Time that senders have after a restart, on top of `lateness`, to send again what was not taken; looks wait for it. `0s`: none',
  ),
  variable('ASSAY_OTLP_KAFKA_BROKERS', null, 'Brokers to read OTLP from, `host:port,host:port`; see kafka.md'),
  variable('ASSAY_OTLP_KAFKA_TRACES_TOPIC', 'otlp_spans', 'Topic of traces as OTLP protobuf; `off` reads none'),
  variable('ASSAY_OTLP_KAFKA_METRICS_TOPIC', null, 'Topic of metrics, as the Collector names it `otlp_metrics`'),
  variable('ASSAY_OTLP_KAFKA_LOGS_TOPIC', null, 'Topic of logs, as the Collector names it `otlp_logs`'),
  variable('ASSAY_OTLP_KAFKA_GROUP', 'assay', 'Consumer group; replicas of one group share one database and read each record once'),
  variable('ASSAY_OTLP_KAFKA_CLIENT_ID', 'assay', 'Name by which brokers know this client in logs and quotas'),
  variable('ASSAY_OTLP_KAFKA_SESSION_TIMEOUT', '10s', 'A replica that was silent for so long has left, and others read its partitions'),
  variable('ASSAY_OTLP_KAFKA_TLS', 'off', '`on`: connections to the brokers are encrypted'),
  variable('ASSAY_OTLP_KAFKA_TLS_CA', null, 'File of the certificate authority of the brokers, PEM; without it those of the system'),
  variable('ASSAY_OTLP_KAFKA_TLS_CERT', null, "File of this client's certificate, PEM"),
  variable('ASSAY_OTLP_KAFKA_TLS_KEY', null, 'Key of that certificate, by reference: `env:NAME` or `file:/path`'),
  variable('ASSAY_OTLP_KAFKA_SASL_MECHANISM', 'SCRAM-SHA-512', 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512'),
  variable('ASSAY_OTLP_KAFKA_SASL_USERNAME', null, 'User at the brokers'),
  variable('ASSAY_OTLP_KAFKA_SASL_PASSWORD', null, 'Password of that user, by reference: `env:NAME` or `file:/path`'),
  variable('ASSAY_METRICS_PORT', '9464', "Port of Assay's own Prometheus metrics; 0 takes any free one, `off` serves none"),
  variable('DATABASE_URL', null, 'PostgreSQL to keep everything in, `postgres://…`; without it the embedded store is used'),
  variable('ASSAY_STORE', './data/store', 'Directory of the embedded store; `memory:` keeps nothing after the process ends'),
  variable('ASSAY_RETENTION_RUNS_AGE', '90d', 'Ended runs are kept for so long, with their looks, events and deliveries; at least a day'),
  variable(
    'ASSAY_RETENTION_RUNS_COUNT',
    '20000',
    'Runs kept, the newest first; open ones, those of the last day and those with events to be delivered stay beyond it',
  ),
  variable(
    'ASSAY_RETENTION_WINDOWS_AGE',
    '14d',
    'Windows of pushed telemetry are kept for so long, and for as long as an open run or a template reaches back',
  ),
  variable(
    'ASSAY_RETENTION_WINDOWS_COUNT',
    '1000000',
    'Windows kept, the newest first; what an open run or a template reads stays beyond it',
  ),
  variable('ASSAY_TEMPLATES', 'the templates that come with Assay', 'Directory of analysis templates; changes are picked up'),
  variable('ASSAY_PROMETHEUS_URL', null, 'Prometheus-compatible engine that templates with `source: prometheus` read'),
  variable('ASSAY_PROMETHEUS_TOKEN', null, 'Bearer token for it, by reference: `env:NAME` or `file:/path`'),
  variable('ASSAY_PROMETHEUS_USERNAME', null, 'User for basic authentication'),
  variable('ASSAY_PROMETHEUS_PASSWORD', null, 'Password of that user, by reference: `env:NAME` or `file:/path`'),
  variable('ASSAY_PROMETHEUS_HEADERS', null, 'Further headers, `Name=value,Name=value`; not for secrets'),
  variable('ASSAY_PROMETHEUS_TIMEOUT', '10s', 'How long one question may take, 100 ms to 2 m'),
  variable('ASSAY_PROMETHEUS_SCRAPE_INTERVAL', '15s', 'How often it scrapes; windows shorter than two scrapes are warned about'),
  variable('ASSAY_TOKENS_FILE', null, 'File of `name scope[,scope] sha256:…` lines (see `assay token new`); read again when it changes'),
  variable('ASSAY_EGRESS_ALLOW', null, 'Address ranges (CIDR, comma-separated) that webhooks may reach although they are not public'),
  variable('ASSAY_LOG_LEVEL', 'info', 'debug, info, warn, error or silent'),
];

/** Variables of other commands, of the test suite, and those that references to secrets name: no typing mistakes. */
const foreign = /^ASSAY_(TEST_.*|REQUIRE_SERVERS|UPDATE_GOLDEN|INCIDENT_DATA|KAFKA_HOME|URL|TOKEN|(\w+_)?SECRET(_\w+)?)$/;

/** Names that look like ours and mean nothing, which is how a typing mistake becomes a default. */
export function unknownVariables(names: readonly string[]): string[] {
  const known = new Set(variables.map(({ name }) => name));
  return names.filter((name) => name.startsWith('ASSAY_') && !known.has(name) && !foreign.test(name)).sort();
}
