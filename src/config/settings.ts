/** What this process does; several may run in one process. */
export type ProcessRole = 'api' | 'ingest' | 'engine' | 'delivery';

/** A Prometheus-compatible engine that templates read from. Secrets are given by reference and resolved when used. */
export interface PrometheusSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `env:NAME` or `file:/path`; null: no authentication */
  readonly bearerTokenRef: string | null;
  readonly basicAuth: { readonly username: string; readonly passwordRef: string } | null;
  readonly timeoutMs: number;
  readonly scrapeIntervalSeconds: number;
}

export interface OtlpSettings {
  readonly host: string;
  readonly port: number;
  /** port of OTLP/gRPC; 0: any free one; null: none */
  readonly grpcPort: number | null;
  readonly threads: number;
  readonly maxBodyBytes: number;
  readonly maxDecodedBytes: number;
  readonly maxBytesInFlight: number;
  /** open lines of OTLP/HTTP, of all threads together */
  readonly maxConnections: number;
  /** for the head of a request to arrive, and for all of it */
  readonly headerTimeoutSeconds: number;
  readonly requestTimeoutSeconds: number;
  /** oldest and newest event times that are accepted, seconds from now */
  readonly maxAgeSeconds: number;
  readonly maxFutureSeconds: number;
  readonly maxSeries: number;
  /** of each cohort and signal or metric, in an open window */
  readonly maxCohortSeries: number;
  /** how long windows of the time before a restart stay open, on top of the lateness */
  readonly restartGraceSeconds: number;
}

/** A log that OTLP is read from, beside what is received. */
export interface KafkaSettings {
  /** `host:port` of some of the brokers */
  readonly brokers: readonly string[];
  /** null: not read */
  readonly topics: { readonly traces: string | null; readonly metrics: string | null; readonly logs: string | null };
  readonly group: string;
  readonly clientId: string;
  /** a replica that was silent for so long has left */
  readonly sessionTimeoutSeconds: number;
  readonly tls: { readonly caFile: string | null; readonly certFile: string | null; readonly keyRef: string | null } | null;
  readonly sasl: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    readonly username: string;
    readonly passwordRef: string;
  } | null;
}

/** How long things are kept. Whatever has had its time by either bound is deleted. */
export interface RetentionSettings {
  /** ended runs with their looks, events and deliveries, from their end on */
  readonly runs: RetentionBounds;
  /** closed windows of pushed telemetry, from their end on */
  readonly windows: RetentionBounds;
}

export interface RetentionBounds {
  readonly maxAgeSeconds: number;
  /** the newest so many stay */
  readonly maxCount: number;
}

/** Everything an operator can set. Read from the environment once, validated, then injected. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly roles: readonly ProcessRole[];
  readonly otlp: OtlpSettings;
  /** null: OTLP comes by the listeners alone */
  readonly kafka: KafkaSettings | null;
  /** page of Assay's own metrics; 0: any free port; null: none */
  readonly metricsPort: number | null;
  /** PostgreSQL; null: the embedded store in `storeDirectory` ('memory:' for tests) */
  readonly databaseUrl: string | null;
  readonly storeDirectory: string;
  readonly retention: RetentionSettings;
  readonly templatesDirectory: string;
  readonly prometheus: PrometheusSettings | null;
  /** file of `name scope sha256:…` lines; null: loopback without tokens */
  readonly tokensFile: string | null;
  /** address ranges that webhooks may reach although they are not public */
  readonly egressAllow: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
