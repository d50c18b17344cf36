import type { Decision } from '../../domain/index.js';
import type { VerdictAnswer } from '../assay-client.js';

/** What one canary got, and what it should have got. */
export interface DemoOutcome {
  readonly version: string;
  readonly about: string;
  readonly run: string;
  readonly expected: Decision;
  readonly verdict: VerdictAnswer;
}

/** Every verdict is final and the right one. */
export const isRight = ({ verdict, expected }: DemoOutcome): boolean => verdict.final && verdict.decision === expected;

/** Three verdicts and their reasons. */
export function verdictsInWords(outcomes: readonly DemoOutcome[]): string {
  return outcomes
    .flatMap((outcome) => {
      const { version, about, verdict, expected } = outcome;
      const time = verdict.elapsedSeconds === null ? '' : ` after ${Math.round(verdict.elapsedSeconds)} s and ${verdict.looks} looks`;
      const wrong = isRight(outcome) ? '' : `   (expected ${expected})`;
      return [`  ${version}  ${about}`, `         ${verdict.decision}${time}${wrong}`, `         ${verdict.reason}`, ''];
    })
    .join('\n');
}

/** How to ask the same over HTTP, with addresses that work right now, and where to go from here. */
export function nextSteps(outcomes: readonly DemoOutcome[], url: string, staying: boolean): string {
  const [first] = outcomes;
  const steps = [
    '  The same over HTTP:',
    '',
    ...outcomes.map(({ run, version }) => `    curl -s '${url}/v1/runs/${run}/verdict'      # ${version}`),
    `    curl -s '${url}/v1/runs?limit=10'`,
    `    curl -s -X POST '${url}/v1/runs' -H 'content-type: application/json' -H 'idempotency-key: my-first-run' \\`,
    `      -d '{"template":"demo-shop","baseline":"1.4.2","canary":"1.5.0","labels":{"try":"again"}}'`,
    '',
    '  And as a step of a pipeline, with the verdict as exit code:',
    '',
    `    npm run assay -- gate --server ${url} --run ${first?.run ?? 'run_…'}`,
    `    npm run assay -- gate --server ${url} --template demo-shop --baseline 1.4.2 --canary 1.5.2`,
    '',
    '  Next: docs/demo.md explains what was just shown; analysis-templates/ has templates for your own services.',
  ];
  return (staying ? [...steps, '', '  The shop, its users and Assay go on until Ctrl-C.'] : steps).join('\n');
}
