import { bucketsPerOctave, exponentialIndexOf, spanScale } from './exponential-index.js';

/** Values from 2⁻³⁰ (about 1 ns) to 2³⁴ (17 · 10⁹) have buckets; smaller ones count as zero, larger ones as the largest. */
const lowestOctave = -30;
const octaves = 64;
const smallest = 2 ** lowestOctave;
const largest = 2 ** (lowestOctave + octaves);
const lowestBucket = lowestOctave * bucketsPerOctave;
const highestBucket = octaves * bucketsPerOctave - 1;

/**
 * Exponential histograms of many cells in two typed arrays. A cell holds one page of 32 counts per octave it has
 * seen: a service answering in 5 to 500 ms takes 7 pages, 900 bytes.
 */
export class BucketPages {
  /** The number that is to be counted next: in an array, because one that is handed over may be allocated for it. */
  readonly value = new Float64Array(1);
  private readonly words = new Int32Array(this.value.buffer); // little-endian, as every machine Node runs on
  private pages = new Uint32Array(64 * bucketsPerOctave);
  private pageCount = 1; // page 0 stands for "none"
  private directory = new Int32Array(16 * octaves);
  private zeros = new Uint32Array(16);

  /** Makes room for cells 0 to `cells` − 1. */
  reserve(cells: number): void {
    if (cells <= this.zeros.length) return;
    const capacity = Math.max(cells, this.zeros.length * 2);
    const [directory, zeros] = [new Int32Array(capacity * octaves), new Uint32Array(capacity)];
    directory.set(this.directory);
    zeros.set(this.zeros);
    this.directory = directory;
    this.zeros = zeros;
  }

  /** Counts the number ≥ 0 that stands in `value`. */
  add(cell: number): void {
    const value = this.value[0] as number;
    if (value < smallest) {
      this.zeros[cell] = (this.zeros[cell] as number) + 1;
      return;
    }
    const index = exponentialIndexOf(this.words[1] as number, this.words[0] as number) - lowestBucket;
    const from = value >= largest ? highestBucket : Math.max(index, 0); // the smallest value itself is the upper bound of the bucket below
    const entry = cell * octaves + (from >> spanScale);
    const page = (this.directory[entry] as number) || this.newPage(entry);
    const at = page * bucketsPerOctave + (from & (bucketsPerOctave - 1));
    this.pages[at] = (this.pages[at] as number) + 1;
  }

  /** Counts durations, in seconds. @param cells  of each; negative: it is left out */
  addNanoseconds(cells: Int32Array, nanoseconds: Float64Array, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const cell = cells[index] as number;
      if (cell < 0) continue;
      this.value[0] = (nanoseconds[index] as number) / 1e9;
      this.add(cell);
    }
  }

  /** How many buckets there are from the first that is not empty to the last. */
  lengthOf(cell: number): number {
    const [first, last] = this.extent(cell);
    return Math.max(0, last - first + 1);
  }

  /** Writes `zeroCount, offset, length` and so many counts, where zeros are. @returns where it ended */
  pack(cell: number, into: Float64Array, at: number): number {
    const { pages, directory } = this;
    const [first, last] = this.extent(cell);
    const length = Math.max(0, last - first + 1);
    into[at] = this.zeros[cell] as number;
    into[at + 1] = length === 0 ? 0 : first + lowestBucket;
    into[at + 2] = length;
    const shift = at + 3 - first;
    for (let bucket = first; bucket <= last; ) {
      const page = directory[cell * octaves + (bucket >> spanScale)] as number;
      const next = Math.min(last, bucket | (bucketsPerOctave - 1)) + 1;
      const from = page * bucketsPerOctave - (bucket & -bucketsPerOctave);
      if (page === 0) bucket = next;
      for (; bucket < next; bucket += 1) into[shift + bucket] = pages[from + bucket] as number;
    }
    return at + 3 + length;
  }

  /** Empties cells 0 to `cells` − 1, which are all that were used. */
  clear(cells: number): void {
    this.pages.fill(0, 0, this.pageCount * bucketsPerOctave);
    this.pageCount = 1;
    this.directory.fill(0, 0, cells * octaves);
    this.zeros.fill(0, 0, cells);
  }

  /** First and last bucket that is not empty; first > last where all are. */
  private extent(cell: number): [number, number] {
    let [first, last] = [0, octaves * bucketsPerOctave - 1];
    while (first <= last && this.countAt(cell, first) === 0)
      first += this.directory[cell * octaves + (first >> spanScale)] === 0 ? bucketsPerOctave : 1;
    while (last >= first && this.countAt(cell, last) === 0)
      last -= this.directory[cell * octaves + (last >> spanScale)] === 0 ? bucketsPerOctave : 1;
    return [first, last];
  }

  private countAt(cell: number, bucket: number): number {
    const page = this.directory[cell * octaves + (bucket >> spanScale)] as number;
    return page === 0 ? 0 : (this.pages[page * bucketsPerOctave + (bucket & (bucketsPerOctave - 1))] as number);
  }

  private newPage(entry: number): number {
    if ((this.pageCount + 1) * bucketsPerOctave > this.pages.length) {
      const larger = new Uint32Array(this.pages.length * 2);
      larger.set(this.pages);
      this.pages = larger;
    }
    const page = this.pageCount++;
    this.directory[entry] = page;
    return page;
  }
}
