import type { AffineMargin } from '../betting/affine-margin.js';
import { logBeta } from '../special/log-beta.js';
import { regularizedIncompleteBeta } from '../special/regularized-incomplete-beta.js';
import type { Proportion } from './two-proportion-z.js';

/**
 * Posterior chance that the first proportion is above ratio · second + offset, for independent Beta priors.
 *
 * Not an error rate, and not valid under peeking. Trapezoids over the first proportion's log-odds, on which its density
 * is smooth and falls off exponentially: error below 1e-10 at ratio 1 and offset 0.
 *
 * @param prior  Jeffreys' ½, ½ when absent
 * @see Gelman et al., Bayesian Data Analysis, §2.4
 */
export function betaBinomialSuperiority(
  first: Proportion,
  second: Proportion,
  { ratio, offset }: AffineMargin = { ratio: 1, offset: 0 },
  prior: { readonly a: number; readonly b: number } = { a: 0.5, b: 0.5 },
): number {
  const [a, b] = [prior.a + first.events, prior.b + first.total - first.events];
  const [c, d] = [prior.a + second.events, prior.b + second.total - second.events];
  const scale = logBeta(a, b);
  const centre = Math.log(a / b);
  const step = Math.sqrt(1 / a + 1 / b) / 12;
  const contribution = (logOdds: number): { weight: number; value: number } => {
    const p = 1 / (1 + Math.exp(-logOdds));
    const weight = Math.exp(-a * Math.log1p(Math.exp(-logOdds)) - b * Math.log1p(Math.exp(logOdds)) - scale);
    const threshold = Math.min(1, Math.max(0, (p - offset) / ratio));
    return { weight, value: weight * regularizedIncompleteBeta(threshold, c, d) };
  };

  let sum = contribution(centre).value;
  for (const direction of [-1, 1]) {
    for (let k = 1; k < 100_000; k++) {
      const { weight, value } = contribution(centre + direction * k * step);
      sum += value;
      if (weight * (k * step + 1) < 1e-17) break;
    }
  }
  return sum * step;
}
