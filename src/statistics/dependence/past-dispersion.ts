/** What is believed before anything was seen: a dispersion of 2, as firmly as two events would teach it. */
const believedPhi = 2;
const believedEvents = 2;

/** So many windows from before the run, with so many clusters of events in all, tell the dispersion by themselves (statistics §D.5). */
const enoughHistory = 240;
const enoughClusters = 50;

export interface DispersionLessons<Window> {
  /** whether a window has anything to learn from */
  readonly teaches: (window: Window) => boolean;
  /** two neighbours that teach, in events: as if both windows had the harmonic mean of their sizes */
  readonly compare: (earlier: Window, later: Window) => EventDifference;
}

export interface EventDifference {
  /** later − earlier */
  readonly difference: number;
  /** expectation of its square for independent observations */
  readonly expected: number;
}

/**
 * Dispersion to use for the next window, from the windows before it: 4 while nothing was seen, then the estimate from both cohorts,
 * made safe by the number of clusters of events that it comes from; after 240 windows from before the run the estimate itself.
 *
 * The number of windows says nothing where events are rare: a hundred windows without an event do not show that events come
 * one by one. A step of the canary that dwarfs all else does not count once two windows have stayed beyond it: an outage that
 * begins is a change, and not a burst. Where the run itself is far more dispersed than everything before it (three standard errors),
 * the run alone counts: a calm history says nothing of a service that fails in bursts today.
 *
 * @see docs/adr/0004-dispersion-on-a-fresh-service.md
 */
export class PastDispersion<Window> {
  private windowsBefore = 0;
  private beforeRun = { observed: 0, expected: 0, compared: 0 };
  private readonly ofBaseline: Differences<Window>;
  private readonly ofCanary: Differences<Window>;

  constructor(lessons: DispersionLessons<Window>) {
    this.ofBaseline = new Differences(lessons);
    this.ofCanary = new Differences(lessons);
  }

  /** ≥ 1, for a window that was not learned from yet */
  phi(): number {
    const [known, beside] = [this.ofBaseline, this.ofCanary];
    const believed = 2 * believedEvents * believedPhi;
    const observed = known.observed + beside.observed + believed;
    const [seen, expected] = [observed - beside.squareOfChange(observed), known.expected + beside.expected];
    const phi = safeDispersion(seen, expected, this.windowsBefore >= enoughHistory);
    if (this.windowsBefore === 0) return phi;
    const ofRun = {
      observed: seen - believed - this.beforeRun.observed,
      expected: expected - this.beforeRun.expected,
      windows: known.compared + beside.compared - this.beforeRun.compared,
    };
    return isFarBeyond(ofRun, phi) ? Math.max(phi, safeDispersion(ofRun.observed + believed, ofRun.expected, false)) : phi;
  }

  /** In order of time. @param canary  beside it; absent before the run */
  learn(baseline: Window, canary?: Window): void {
    this.ofBaseline.learn(baseline);
    if (canary !== undefined) this.ofCanary.learn(canary);
    else {
      const { observed, expected, compared } = this.ofBaseline;
      this.windowsBefore += 1;
      this.beforeRun = { observed, expected, compared };
    }
  }

  /** One value for each window: what was known before it. */
  beforeEach(windows: readonly Window[], canary: readonly Window[]): number[] {
    return windows.map((window, index) => {
      const phi = this.phi();
      this.learn(window, canary[index]);
      return phi;
    });
  }
}

/** Pulled towards what is believed while few events were seen, and without a long history raised by one standard error of a count of clusters. */
function safeDispersion(observed: number, expected: number, longHistory: boolean): number {
  const estimate = observed / (expected + 2 * believedEvents);
  const clusters = expected / 2 / estimate;
  const isKnown = longHistory && clusters >= enoughClusters;
  return Math.max(1, isKnown ? estimate : estimate * (1 + 1 / Math.sqrt(clusters + 1)));
}

/** Standard errors by which the run must be more dispersed than all that is known, before it counts alone. */
const farBeyond = 3;

/** A squared difference of two Poisson counts has variance 2 + 1/mean in units of its mean; neighbours share a window, which adds a half. */
function isFarBeyond({ observed, expected, windows }: { observed: number; expected: number; windows: number }, phi: number): boolean {
  if (windows === 0 || expected === 0) return false;
  const error = Math.sqrt(3 / windows + phi / expected);
  return observed / (expected * phi) > 1 + farBeyond * error;
}

/** The largest step from one window to the next, and whether the windows after it stayed on its far side. */
interface Step {
  readonly difference: number;
  /** windows since that stayed; null: one went back */
  stayed: number | null;
}

/** So many windows have to stay on the far side of a step before it is a change and not noise … */
const windowsOfChange = 2;
/** … and it has to be this much of everything that was observed: noise never has one step that stands out like that. */
const shareOfChange = 0.9;

/** Takes one window of a cohort after the other, and knows the differences between them. */
class Differences<Window> {
  /** sum of squared differences of neighbours … */
  observed = 0;
  /** … and its expectation for independent observations */
  expected = 0;
  /** neighbours that were compared */
  compared = 0;
  private largest: Step | null = null;
  private beforeStep: Window | null = null;
  private previous: Window | null = null;

  constructor(private readonly lessons: DispersionLessons<Window>) {}

  learn(window: Window): void {
    if (!this.lessons.teaches(window)) return;
    this.follow(window);
    if (this.previous !== null) this.compare(this.previous, window);
    this.previous = window;
  }

  /** What the largest step brought, if it is a change; 0 otherwise. */
  squareOfChange(observed: number): number {
    const square = this.largest?.stayed === windowsOfChange ? this.largest.difference ** 2 : 0;
    return square > shareOfChange * observed ? square : 0;
  }

  private follow(window: Window): void {
    const { largest, beforeStep } = this;
    if (largest === null || beforeStep === null || largest.stayed === null || largest.stayed >= windowsOfChange) return;
    const moved = this.lessons.compare(beforeStep, window).difference * Math.sign(largest.difference);
    largest.stayed = 2 * moved > Math.abs(largest.difference) ? largest.stayed + 1 : null;
  }

  private compare(previous: Window, window: Window): void {
    const { difference, expected } = this.lessons.compare(previous, window);
    this.observed += difference ** 2;
    this.expected += expected;
    this.compared += 1;
    if (Math.abs(difference) <= Math.abs(this.largest?.difference ?? 0)) return;
    this.largest = { difference, stayed: 0 };
    this.beforeStep = previous;
  }
}
