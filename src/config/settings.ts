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
  /** oldest and newest event times that are accepted, seconds from now */
  readonly maxAgeSeconds: number;
  readonly maxFutureSeconds: number;
  readonly maxSeries: number;
  /** how long windows of the time before a restart stay open, on top of the lateness */
  readonly restartGraceSeconds: number;
}

/** Everything an operator can set. Read from the environment once, validated, then injected. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly roles: readonly ProcessRole[];
  readonly otlp: OtlpSettings;
  /** page of Assay's own metrics; 0: any free port; null: none */
  readonly metricsPort: number | null;
  /** PostgreSQL; null: the embedded store in `storeDirectory` ('memory:' for tests) */
  readonly databaseUrl: string | null;
  readonly storeDirectory: string;
  readonly templatesDirectory: string;
  readonly prometheus: PrometheusSettings | null;
  /** file of `name scope sha256:…` lines; null: loopback without tokens */
  readonly tokensFile: string | null;
  /** address ranges that webhooks may reach although they are not public */
  readonly egressAllow: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
