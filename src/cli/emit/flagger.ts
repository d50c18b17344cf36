import { argumentsOf, type Glue, quoted } from './glue.js';

/** What stands for the token: Flagger sends no header and reads no secret for webhooks. */
const token = '${ASSAY_TOKEN}';

/**
 * The webhooks of a Canary: the weight rises and the release is promoted only when Assay says so, and proven harm rolls back at once.
 * There is no `rollout` hook: with it undecided looks would be failed checks, and roll back a healthy release.
 *
 * @see fluxcd/flagger, pkg/controller/webhook.go
 */
export function flaggerGlue(glue: Glue): string {
  const { known, open } = argumentsOf(glue);
  const hook = (name: string, type: string, why: string, starts: boolean): string =>
    `      - name: ${name} # ${why}
        type: ${type}
        url: ${quoted(`${glue.server}/flagger/t/${token}/${type}`)}
${starts ? metadata : ''}`;
  const values = [
    ['template', quoted(glue.template.name)],
    ...known.filter(([name]) => name !== 'service').map(([name, value]) => [`argument.${name}`, quoted(value)]),
    ...('service' in glue.template.arguments ? [['service', quoted(glue.service)]] : []),
  ];
  const missing = open.map((name) => `          # ${quoted(`argument.${name}`)}: to be filled in\n`).join('');
  const metadata = `        metadata:\n${values.map(([name = '', value]) => `          ${quoted(name)}: ${value}\n`).join('')}${missing}`;
  return `# Flagger reads no secrets for webhooks: put the token (scope deployer) in place of ${token}, e.g. by envsubst or kustomize.
# Judged by ${glue.template.name}. Cohorts are told apart by ${glue.template.cohorts.by}: its values must be ${glue.service} and ${glue.service}-primary,
# else add \`baseline\` and \`canary\` to the metadata.
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: ${quoted(glue.service)} }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: ${quoted(glue.service)} }
  service: { port: 80 }
  analysis:
    interval: 1m
    threshold: 5 # of Flagger's own metrics; Assay never makes a check fail
    maxWeight: 50
    stepWeight: 10
    webhooks:
${[
  hook('assay-events', 'event', 'tells the weight, and starts the run', true),
  hook('assay-step', 'confirm-traffic-increase', 'holds the weight until it is shown safe', true),
  hook('assay-promote', 'confirm-promotion', 'nothing is promoted that is not shown safe', false),
  hook('assay-rollback', 'rollback', 'proven harm rolls back at once', false),
  hook('assay-close', 'post-rollout', 'closes the run', false),
].join('')}`;
}
