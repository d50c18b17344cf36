/** What Flagger measures by itself, for one provider. */
interface BuiltIn {
  /** counter of requests */
  readonly requests: string;
  /** conditions on both, in PromQL; `${target}` picks the canary */
  readonly of: string;
  /** condition of the requests that went well */
  readonly well: string;
  /** histogram of durations, or a sum and a count, of which only the mean is known */
  readonly duration: { readonly histogram: string; readonly of?: string } | { readonly mean: string; readonly of?: string };
  /** what makes milliseconds of the durations */
  readonly toMs: number;
}

const envoyRequests = { requests: 'envoy_cluster_upstream_rq', well: 'envoy_response_code!~"5.*"' };
const envoyTime = { duration: { histogram: 'envoy_cluster_upstream_rq_time_bucket' }, toMs: 1 };
const pods = 'kubernetes_namespace="${namespace}",kubernetes_pod_name=~"${target}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';

const istio: BuiltIn = {
  requests: 'istio_requests_total',
  of: 'reporter="destination",destination_workload_namespace="${namespace}",destination_workload=~"${target}"',
  well: 'response_code!~"5.*"',
  duration: { histogram: 'istio_request_duration_milliseconds_bucket' },
  toMs: 1,
};

const http: BuiltIn = {
  requests: 'http_request_duration_seconds_count',
  of: pods,
  well: 'status!~"5.*"',
  duration: { histogram: 'http_request_duration_seconds_bucket' },
  toMs: 1,
};

const providers: Readonly<Record<string, BuiltIn>> = {
  istio,
  kubernetes: http,
  appmesh: { ...envoyRequests, ...envoyTime, of: pods },
  contour: { ...envoyRequests, ...envoyTime, of: 'envoy_cluster_name=~"${namespace}_${service}-canary_[0-9a-zA-Z-]+"' },
  gloo: { ...envoyRequests, ...envoyTime, of: 'envoy_cluster_name=~"${namespace}-${target}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"' },
  kuma: { ...envoyRequests, ...envoyTime, of: 'service=~"${target}-canary_${namespace}_svc_[0-9a-zA-Z-]+"' },
  linkerd: {
    requests: 'response_total',
    of: 'namespace="${namespace}",deployment=~"${target}",direction="inbound"',
    well: 'classification!="failure"',
    duration: { histogram: 'response_latency_ms_bucket' },
    toMs: 1,
  },
  osm: {
    requests: 'osm_request_total',
    of: 'destination_namespace="${namespace}",destination_kind="Deployment",destination_name="${target}"',
    well: 'response_code!~"5.*"',
    duration: { histogram: 'osm_request_duration_ms_bucket' },
    toMs: 1,
  },
  nginx: {
    requests: 'nginx_ingress_controller_requests',
    of: 'namespace="${namespace}",ingress="${ingress}",canary!=""',
    well: 'status!~"5.*"',
    duration: { mean: 'nginx_ingress_controller_response_duration_seconds' },
    toMs: 1000,
  },
  traefik: {
    requests: 'traefik_service_request_duration_seconds_count',
    of: 'service=~"${namespace}-${target}-canary-[0-9a-zA-Z-]+@kubernetescrd"',
    well: 'code!~"5.."',
    duration: { histogram: 'traefik_service_request_duration_seconds_bucket' },
    toMs: 1000,
  },
  apisix: {
    requests: 'apisix_http_status',
    of: 'route=~"${namespace}_${route}-${target}-canary_.+"',
    well: 'code!~"5.."',
    duration: { histogram: 'apisix_http_latency_bucket', of: 'type=~"request"' },
    toMs: 1,
  },
};

/** Providers of Flagger that share what they measure with another one. */
function builtInOf(provider: string): BuiltIn | null {
  const [, gateway] = /^(gatewayapi|appmesh|gloo)(:.*)?$/.exec(provider) ?? [];
  if (gateway === 'gatewayapi') return http;
  const name = gateway ?? (provider === '' ? 'istio' : provider);
  return Object.hasOwn(providers, name) ? (providers[name] ?? null) : null;
}

/** Names that `--mesh` takes. */
export const meshes: readonly string[] = [...Object.keys(providers), 'gatewayapi'].sort();

/** What Flagger asks for `request-success-rate` (per cent) and `request-duration` (milliseconds); null where it is not known. */
export function builtInQuery(name: string, provider: string, interval: string): string | null {
  const built = builtInOf(provider);
  if (built === null) return null;
  const { requests, of, well, duration, toMs } = built;
  const sum = (series: string): string => `sum(rate(${series}[${interval}]))`;
  if (name === 'request-success-rate') return `${sum(`${requests}{${of},${well}}`)} / ${sum(`${requests}{${of}}`)} * 100`;
  if (name !== 'request-duration') return null;
  const conditions = duration.of === undefined ? of : `${duration.of},${of}`;
  const factor = toMs === 1 ? '' : ` * ${toMs}`;
  if ('mean' in duration) return `${sum(`${duration.mean}_sum{${conditions}}`)} / ${sum(`${duration.mean}_count{${conditions}}`)}${factor}`;
  return `histogram_quantile(0.99, sum(rate(${duration.histogram}{${conditions}}[${interval}])) by (le))${factor}`;
}
