import type { Issue, Template } from '../../domain/index.js';
import { parseTemplate, placesIn } from '../../templates/index.js';
import type { AssumedTraffic } from './assumed-traffic.js';
import { forecastFindings } from './forecast-findings.js';
import { forecastTemplate, type TemplateForecast } from './forecast-template.js';

export interface Linted {
  /** null where there is an error */
  readonly template: Template | null;
  /** mistakes in the order of the text, then what the forecast finds */
  readonly issues: readonly Issue[];
  /** null where no traffic was assumed, or the template cannot be used */
  readonly forecast: TemplateForecast | null;
}

export interface LintOptions {
  /** name of the file or place, for people */
  readonly source?: string;
  /** how often Prometheus reads its targets; absent: every 15 s */
  readonly scrapeSeconds?: number;
}

/** Every mistake of a template, and under assumed traffic how long its verdicts would take: those after the deadline are warnings. */
export function lintWithForecast(written: string, traffic: AssumedTraffic | null, { source, scrapeSeconds }: LintOptions = {}): Linted {
  const { template, issues } = parseTemplate(written, source, scrapeSeconds);
  if (template === null || traffic === null) return { template, issues, forecast: null };
  const forecast = forecastTemplate(template, traffic);
  const placeOf = placesIn(written);
  const found = forecastFindings(template, forecast).map(
    (finding): Issue => ({ ...finding, severity: 'warning', ...placeOf(finding.path) }),
  );
  return { template, issues: [...issues, ...found], forecast };
}
