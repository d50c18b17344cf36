/** Stops asking a source that keeps failing: after 5 failures within 30 s nothing is asked for 15 s, then one question may try. */
export class CircuitBreaker {
  private failures: number[] = [];
  private closedUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly limits = { failures: 5, withinMs: 30_000, restMs: 15_000 }) {}

  /** @param now  milliseconds of any clock that never goes back */
  allows(now: number): boolean {
    if (now < this.closedUntil) return false;
    if (this.failures.length >= this.limits.failures) this.closedUntil = now + this.limits.restMs; // others wait for the one that tries
    return true;
  }

  succeeded(): void {
    this.failures = [];
    this.closedUntil = Number.NEGATIVE_INFINITY;
  }

  failed(now: number): void {
    const { failures, withinMs, restMs } = this.limits;
    this.failures = [...this.failures.filter((at) => now - at < withinMs), now].slice(-failures);
    if (this.failures.length >= failures) this.closedUntil = now + restMs;
  }
}
