import { formatDuration } from '../../templates/index.js';
import { type AssumedTraffic, usualEventShare } from './assumed-traffic.js';
import type { PhaseForecast, QuestionForecast, TemplateForecast } from './forecast-template.js';
import { aboutSeconds, percent, trimmed } from './in-short.js';

/** A forecast as lines of text: what was assumed, then each question of each phase, then what has none. */
export function forecastInWords({ traffic, deadlineSeconds, phases, without }: TemplateForecast): string[] {
  return [
    `forecast for ${assumptions(traffic)}; deadline ${formatDuration(deadlineSeconds)}`,
    ...phases.flatMap((phase) => phaseInWords(phase, traffic)),
    ...without.map(({ metric, because }) => `  ${metric}: no forecast, ${because}`),
  ];
}

function assumptions({ requestsPerSecond, requestsByMetric, levels, phi, harm }: AssumedTraffic): string {
  const parts = Object.entries(requestsByMetric).map(([metric, rate]) => `${metric} ${trimmed(rate)}/s`);
  const known = Object.entries(levels).map(([metric, level]) => `${metric} ${level}`);
  return [
    `${trimmed(requestsPerSecond)} requests/s`,
    ...parts,
    ...known,
    `other shares of events ${percent(usualEventShare)}`,
    phi === 1 ? 'independent events' : `events in bursts of ${trimmed(phi)}`,
    `harm × ${trimmed(harm)}`,
  ].join(', ');
}

function phaseInWords({ weight, questions, promoteSeconds }: PhaseForecast, { harm }: AssumedTraffic): string[] {
  const width = Math.max(...questions.map(({ name }) => name.length), 0);
  return [
    ...questions.map(
      (question) => `  ${percent(weight).padStart(5)}  ${question.name.padEnd(width)}  ${questionInWords(question, weight, harm)}`,
    ),
    `  ${percent(weight).padStart(5)}  ${promoteSeconds === null ? 'not all that decide are ever safe' : `all that decide are safe after ${aboutSeconds(promoteSeconds)}`}`,
  ];
}

function questionInWords({ safeSeconds, rollbackSeconds, informational }: QuestionForecast, weight: number, harm: number): string {
  const safe = safeSeconds === null ? 'never safe' : `safe after ${aboutSeconds(safeSeconds)}`;
  if (informational) return `${safe} (shown only)`;
  const never = weight < 1 ? 'is within what it accepts' : 'is not rolled back';
  const harmed = rollbackSeconds === null ? never : `rolled back after ${aboutSeconds(rollbackSeconds)}`;
  return `${safe}, × ${trimmed(harm)} ${harmed}`;
}
