import { argumentsOf, type Glue, longestSeconds, needsBaseline, quoted } from './glue.js';

const intervalSeconds = 30;
/** Argo asks again so long after an error, whatever the interval */
const errorRetrySeconds = 10;
/** how long Assay may be away */
const outageSeconds = 120;
const waitSeconds = 15;

/** From this version on there is `consecutiveSuccessLimit`, without which a count that is reached is Successful, decided or not. */
const firstWithSuccessLimit = [1, 8] as const;

/**
 * An AnalysisTemplate that is Successful only when Assay promotes, Failed only when it rolls back, and Inconclusive (the rollout is
 * paused for a person) when it held to the end.
 *
 * @see argoproj/argo-rollouts, analysis/analysis.go assessMetricStatus
 */
export function argoGlue(glue: Glue): string {
  const { template, secret } = glue;
  const { known, open } = argumentsOf(glue);
  const withBaseline = needsBaseline(template);
  const args = ['canary-hash', ...(withBaseline ? ['stable-hash'] : []), ...open.map(argumentName)];
  const values = [
    ...known.map(([name, value]) => [name, quoted(value)]),
    ...open.map((name) => [name, `"{{args.${argumentName(name)}}}"`]),
  ];
  return `# Judged by ${template.name}, for at most ${longestSeconds(template)} s.
${aboutCohorts(glue)}# In the Rollout:
#   analysis:
#     templates: [{ templateName: assay }]
#     args:
#       - { name: canary-hash, valueFrom: { podTemplateHashValue: Latest } }
${withBaseline ? '#       - { name: stable-hash, valueFrom: { podTemplateHashValue: Stable } }\n' : ''}${open.map((name) => `#       - { name: ${argumentName(name)}, value: … }\n`).join('')}apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: assay }
spec:
  args:
${args.map((name) => `    - name: ${name}\n`).join('')}    - name: assay-token
      valueFrom: { secretKeyRef: { name: ${quoted(secret)}, key: token } }
  metrics:
    - name: assay
${limitsOf(glue)}      successCondition: result.decision == "promote"
      failureCondition: result.decision == "rollback"
      provider:
        web:
          method: POST
          url: ${quoted(`${glue.server}/argo${hasSuccessLimit(glue) ? '' : '?pending=503'}`)}
          timeoutSeconds: ${waitSeconds + 5}
          jsonPath: "{$}"
          headers:
            - { key: Authorization, value: "Bearer {{args.assay-token}}" }
            - { key: Content-Type, value: application/json }
          jsonBody:
            template: ${quoted(template.name)}
            canary: "{{args.canary-hash}}"
${withBaseline ? '            stable: "{{args.stable-hash}}"\n' : ''}${hasSuccessLimit(glue) ? `            wait: ${waitSeconds}s\n` : ''}${
  values.length > 0
    ? `            arguments:\n${values.map(([name = '', value]) => `              ${quoted(name)}: ${value}\n`).join('')}`
    : ''
}`;
}

/** Argo knows hashes of pods, and most templates tell releases apart by their version. */
const aboutCohorts = ({ template: { name, cohorts } }: Glue): string =>
  /template.hash/.test(cohorts.by)
    ? ''
    : `# ${name} tells cohorts apart by ${cohorts.by}, and Argo knows hashes of pods: let \`cohorts.by\` be the attribute that carries
# rollouts-pod-template-hash in your telemetry, or give the two versions in place of the two \`valueFrom\`.
`;

function limitsOf(glue: Glue): string {
  if (!hasSuccessLimit(glue)) {
    return `      count: 1 # the first answer that is no error decides
      failureLimit: 0
      inconclusiveLimit: 0
      # undecided is an error to this Argo, asked again every ${errorRetrySeconds} s
      consecutiveErrorLimit: ${Math.ceil((longestSeconds(glue.template) + outageSeconds) / errorRetrySeconds)}
`;
  }
  const looks = Math.ceil(longestSeconds(glue.template) / intervalSeconds) + 2;
  return `      interval: ${intervalSeconds}s
      count: ${looks}
      consecutiveSuccessLimit: 1 # the first promote ends it
      failureLimit: 0 # the first rollback ends it
      inconclusiveLimit: ${looks} # hold is looked at again; all holds end Inconclusive, never Successful
      consecutiveErrorLimit: ${outageSeconds / errorRetrySeconds} # without Assay: ${outageSeconds / 60} minutes where it refuses, 6 where it is silent
`;
}

function hasSuccessLimit({ toolVersion }: Glue): boolean {
  if (toolVersion === null) return true;
  const [major, minor] = firstWithSuccessLimit;
  return toolVersion[0] > major || (toolVersion[0] === major && toolVersion[1] >= minor);
}

/** Argo's names of arguments are those of Kubernetes. */
const argumentName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
