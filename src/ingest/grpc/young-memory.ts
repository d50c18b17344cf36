import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' }) => void;

const betweenBytes = 16 * 2 ** 20;

/**
 * Has young garbage collected after every 16 MiB that were read.
 *
 * Node's HTTP/2 takes new memory for each read, which only the collector frees and of which it sees little: left to itself it
 * waits until so much has piled up that all of the heap must be marked, which doubles what a span costs that comes by gRPC.
 * Collecting the young alone takes a millisecond. There is no way to ask for that but by the function which this flag shows.
 */
export class YoungMemory {
  private collect: Collect | null = null;
  private sinceBytes = 0;

  count(bytes: number): void {
    this.sinceBytes += bytes;
    if (this.sinceBytes < betweenBytes) return;
    this.sinceBytes = 0;
    this.collect ??= collector();
    this.collect({ type: 'minor' });
  }
}

/** Where the runtime has none nothing is done, and calls only cost more. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return (runInNewContext('globalThis.gc') as Collect | undefined) ?? (() => undefined);
}
