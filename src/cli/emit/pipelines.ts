import { argumentsOf, type Glue, longestMinutes, needsBaseline, quoted, shellQuoted } from './glue.js';

/** `assay gate` with everything that is known, and variables of the pipeline for the rest; one option a line. */
function gateCommand(glue: Glue, command: string, reports: readonly string[], indent: string): string {
  const { known, open } = argumentsOf(glue);
  const options = [
    `--server ${shellQuoted(glue.server)}`,
    `--template ${shellQuoted(glue.template.name)}`,
    ...known.map(([name, value]) => `--arg ${shellQuoted(`${name}=${value}`)}`),
    ...open.map((name) => `--arg ${shellQuoted(name)}="$${variableOf(name)}"`),
    ...(needsBaseline(glue.template) ? ['--baseline "$BASELINE"'] : []),
    '--canary "$CANARY"',
    `--timeout ${longestMinutes(glue.template)}m`,
    ...reports,
  ];
  return [`${command} gate`, ...options].join(` \\\n${indent}  `);
}

const variableOf = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

/** Variables that the gate reads and somebody must set. */
function variablesOf(glue: Glue): string[] {
  return [...(needsBaseline(glue.template) ? ['BASELINE'] : []), 'CANARY', ...argumentsOf(glue).open.map(variableOf)];
}

/** A reusable workflow: its callers go on only when it succeeds, which only a promote makes it. */
export function githubActionsGlue(glue: Glue): string {
  const inputs = variablesOf(glue).map((name) => [name, name.toLowerCase().replaceAll('_', '-')] as const);
  return `# .github/workflows/assay.yaml; a job that needs it runs only after a promote:
#   assay:
#     uses: ./.github/workflows/assay.yaml
#     with: { ${inputs.map(([, input]) => `${input}: …`).join(', ')} }
#     secrets: inherit
#   promote: { needs: assay, … }
name: assay
on:
  workflow_call:
    inputs:
${inputs.map(([, input]) => `      ${input}: { type: string, required: true }\n`).join('')}    secrets:
      ${glue.secret}: { required: true }
    outputs:
      decision: { value: "\${{ jobs.gate.outputs.decision }}" }
permissions: {}
jobs:
  gate:
    runs-on: ubuntu-latest
    timeout-minutes: ${longestMinutes(glue.template) + 5}${longestMinutes(glue.template) + 5 > 360 ? ' # runners that GitHub hosts end after 360: use one of your own' : ''}
    container: { image: ${quoted(glue.image)}, options: --user root } # so that it may write the runner's files
    outputs:
      decision: \${{ steps.gate.outputs.ASSAY_DECISION }}
    steps:
      - id: gate
        env:
          ASSAY_TOKEN: \${{ secrets.${glue.secret} }}
${inputs.map(([name, input]) => `          ${name}: \${{ inputs.${input} }}\n`).join('')}        # exit code 0 is promote; rollback, hold, error and cancelled fail the job
        run: |
          ${gateCommand(glue, 'assay', ['--idempotency-key "github-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"', '--label run="$GITHUB_RUN_ID"', '--junit assay.xml', '--summary "$GITHUB_STEP_SUMMARY"', '--variables "$GITHUB_OUTPUT"'], '          ')}
      - if: always()
        uses: actions/upload-artifact@v4
        with: { name: assay, path: assay.xml }
`;
}

/** A job whose success is a promote, with its verdict in the merge request and in variables of later jobs. */
export function gitlabGlue(glue: Glue): string {
  return `# .gitlab-ci.yml; set ${variablesOf(glue).join(', ')} before it, and ${glue.secret} as a masked variable.
assay:
  stage: verify
  image: { name: ${quoted(glue.image)}, entrypoint: [""] }
  timeout: ${longestMinutes(glue.template) + 5} minutes
  variables: { GIT_STRATEGY: none }
  script:
    - export ASSAY_TOKEN="$${glue.secret}"
    - |
      ${gateCommand(glue, 'assay', ['--idempotency-key "gitlab-$CI_PIPELINE_ID"', '--label pipeline="$CI_PIPELINE_ID"', '--junit assay.xml', '--variables assay.env'], '      ')}
  # exit code 0 is promote; every other one fails the job, and \`allow_failure\` must not say otherwise
  artifacts:
    when: always
    reports: { junit: assay.xml, dotenv: assay.env }
`;
}

/** A declarative pipeline's stage. */
export function jenkinsGlue(glue: Glue): string {
  return `// Jenkinsfile; the parameters ${variablesOf(glue).join(', ')} and a secret text credential ${glue.secret}.
pipeline {
  agent { docker { image '${groovy(glue.image)}'; args '--entrypoint=' } }
  parameters {
${variablesOf(glue)
  .map((name) => `    string(name: '${name}')\n`)
  .join('')}  }
  stages {
    stage('Assay') {
      options { timeout(time: ${longestMinutes(glue.template) + 5}, unit: 'MINUTES') }
      steps {
        withCredentials([string(credentialsId: '${groovy(glue.secret)}', variable: 'ASSAY_TOKEN')]) {
          // exit code 0 is promote; every other one fails the stage
          sh '''
            ${groovy(gateCommand(glue, 'assay', ['--idempotency-key "$BUILD_TAG"', '--label build="$BUILD_TAG"', '--junit assay.xml'], '            '))}
          '''
        }
      }
      post { always { junit testResults: 'assay.xml', allowEmptyResults: true } }
    }
  }
}
`;
}

/** A text inside quotes of Groovy. */
const groovy = (text: string): string => text.replace(/[\\']/g, '\\$&');

/** The settings of an "Invoke REST API" gate, which asks again and again until its success expression holds or its time is over. */
export function azureGlue(glue: Glue): string {
  const { known, open } = argumentsOf(glue);
  const values = [...known, ...open.map((name) => [name, `$(${variableOf(name)})`] as const)];
  const body = {
    template: glue.template.name,
    canary: '$(CANARY)',
    ...(needsBaseline(glue.template) && { stable: '$(BASELINE)' }),
    key: '$(Release.ReleaseId)-$(Release.EnvironmentId)-$(Release.AttemptNumber)',
    keepFor: `${Math.min(24 * 60, longestMinutes(glue.template) + 30)}m`, // its decision answers for as long as the gate asks
    ...(values.length > 0 && { arguments: Object.fromEntries(values) }),
  };
  return `# Release gate "Invoke REST API" of Azure DevOps: these fields of the task, and these evaluation options of the gates.
# "assay" is a Generic service connection to ${glue.server}. Variables to set: ${[...variablesOf(glue), `${glue.secret} (secret)`].join(', ')}.
task: InvokeRESTAPI@1
inputs:
  connectionType: connectedServiceName
  serviceConnection: assay
  method: POST
  urlSuffix: /argo
  headers: '{"Content-Type": "application/json", "Authorization": "Bearer $(${glue.secret})"}'
  body: ${quoted(JSON.stringify(body))}
  waitForCompletion: "false"
  successCriteria: eq(root['status'], 'promote') # nothing else lets the release go on
evaluation:
  delayBeforeEvaluation: 0
  timeBetweenReEvaluations: 5 # minutes, the least there is
  minimumDurationOfSuccessfulGates: 0
  timeoutAfterWhichGatesFail: ${Math.max(longestMinutes(glue.template), 6)} # minutes
`;
}
