/** The pods of one cohort that served in the run so far, and how many pods of like traffic they are worth. */
export class PodsServing {
  private readonly totals = new Map<string, number>();
  private sum = 0;
  private squares = 0;

  get count(): number {
    return this.totals.size;
  }

  /** One window. @param pods  by name, with their observations or exposure; null: not told apart */
  add(pods: ReadonlyMap<string, { readonly total: number }> | null): void {
    for (const [name, { total }] of pods ?? []) {
      if (!(total > 0)) continue;
      const before = this.totals.get(name) ?? 0;
      this.totals.set(name, before + total);
      this.sum += total;
      this.squares += total * (total + 2 * before);
    }
  }

  /** Kish: (Σ n)² / Σ n²; one where no pod is known, because nothing says that there are more. */
  effective(): number {
    return this.sum > 0 ? Math.max(1, this.sum ** 2 / this.squares) : 1;
  }
}
