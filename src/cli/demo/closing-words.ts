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

/** The text in lines of at most `width` characters, broken at spaces, each after the indent. */
export function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width - indent.length) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${indent}${line}`).join('\n');
}

/** Longer lines are hard to read, however wide the screen. */
const widestLine = 110;

/**
 * Three verdicts and their reasons.
 *
 * @param width  of the screen in characters
 */
export function verdictsInWords(outcomes: readonly DemoOutcome[], width: number): string {
  return outcomes
    .flatMap((outcome) => {
      const { version, about, verdict, expected } = outcome;
      const time = verdict.elapsedSeconds === null ? '' : ` after ${Math.round(verdict.elapsedSeconds)} s and ${verdict.looks} looks`;
      const wrong = isRight(outcome) ? '' : `   (expected ${expected})`;
      return [
        `  ${version}  ${about}`,
        `         ${verdict.decision}${time}${wrong}`,
        wrapped(verdict.reason, Math.min(widestLine, width - 1), ' '.repeat(9)),
        '',
      ];
    })
    .join('\n');
}

/** How to ask the same over HTTP, with addresses that work right now, and where to go from here. */
export function nextSteps(outcomes: readonly DemoOutcome[], url: string, staying: boolean): string {
  const [first] = outcomes;
  const when = staying ? '' : ', while the demo runs (leave --exit out, and it stays)';
  const steps = [
    `  The same over HTTP${when}:`,
    '',
    ...outcomes.map(({ run, version }) => `    curl -s '${url}/v1/runs/${run}/verdict'      # ${version}`),
    `    curl -s '${url}/v1/runs?limit=10'`,
    `    curl -s -X POST '${url}/v1/runs' -H 'content-type: application/json' \\`,
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
