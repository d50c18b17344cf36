/** What is believed before anything was seen: a dispersion of 2, as firmly as two events would teach it. */
const believedPhi = 2;
const believedEvents = 2;

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
 * Dispersion to use for each window from the windows before it: 4 while nothing was seen, then the estimate from both cohorts,
 * made safe by the number of clusters of events that it comes from.
 *
 * The number of windows says nothing where events are rare: a hundred windows without an event do not show that events come
 * one by one. A step of the canary that dwarfs all else does not count once two windows have stayed beyond it: an outage that
 * begins is a change, and not a burst.
 *
 * @param windows  of the baseline, in order of time
 * @param history  of the baseline from before the run, in order of time; may be empty
 * @param canary   one beside each window of the run; may be empty
 * @returns one value ≥ 1 for each window
 * @see docs/adr/0004-dispersion-on-a-fresh-service.md
 */
export function pastDispersion<Window>(
  windows: readonly Window[],
  history: readonly Window[],
  canary: readonly Window[],
  lessons: DispersionLessons<Window>,
): number[] {
  const [ofBaseline, ofCanary] = [differencesOf(lessons), differencesOf(lessons)];
  history.forEach(ofBaseline.learn);
  return windows.map((window, index) => {
    const [known, beside] = [ofBaseline.seen, ofCanary.seen];
    const observed = known.observed + beside.observed + 2 * believedEvents * believedPhi;
    const phi = safeDispersion(observed - squareOfChange(beside.largest, observed), known.expected + beside.expected);
    ofBaseline.learn(window);
    const other = canary[index];
    if (other !== undefined) ofCanary.learn(other);
    return phi;
  });
}

/** Pulled towards what is believed while few events were seen, and raised by one standard error of a count of clusters. */
function safeDispersion(observed: number, expected: number): number {
  const estimate = observed / (expected + 2 * believedEvents);
  const clusters = expected / 2 / estimate;
  return Math.max(1, estimate * (1 + 1 / Math.sqrt(clusters + 1)));
}

/** The largest step from one window to the next, and whether the windows after it stayed on its far side. */
interface Step {
  readonly difference: number;
  /** windows since that stayed; null: one went back */
  stayed: number | null;
}

interface Seen {
  /** sum of squared differences of neighbours, and its expectation for independent observations */
  observed: number;
  expected: number;
  largest: Step | null;
}

/** So many windows have to stay on the far side of a step before it is a change and not noise … */
const windowsOfChange = 2;
/** … and it has to be this much of everything that was observed: noise never has one step that stands out like that. */
const shareOfChange = 0.9;

function squareOfChange(step: Step | null, observed: number): number {
  const square = step?.stayed === windowsOfChange ? step.difference ** 2 : 0;
  return square > shareOfChange * observed ? square : 0;
}

/** Takes one window of a cohort after the other, and knows the differences between them. */
function differencesOf<Window>({ teaches, compare }: DispersionLessons<Window>): { readonly seen: Seen; learn: (window: Window) => void } {
  const seen: Seen = { observed: 0, expected: 0, largest: null };
  let beforeStep: Window | null = null;
  let previous: Window | null = null;
  const learn = (window: Window): void => {
    if (!teaches(window)) return;
    const { largest } = seen;
    if (largest !== null && beforeStep !== null && largest.stayed !== null && largest.stayed < windowsOfChange) {
      const staysBeyondHalf = 2 * compare(beforeStep, window).difference * Math.sign(largest.difference) > Math.abs(largest.difference);
      largest.stayed = staysBeyondHalf ? largest.stayed + 1 : null;
    }
    if (previous !== null) {
      const { difference, expected } = compare(previous, window);
      seen.observed += difference ** 2;
      seen.expected += expected;
      if (Math.abs(difference) > Math.abs(seen.largest?.difference ?? 0)) {
        seen.largest = { difference, stayed: 0 };
        beforeStep = previous;
      }
    }
    previous = window;
  };
  return { seen, learn };
}
