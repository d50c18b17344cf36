import type { RecordingPlan, TimeSlice } from '../domain/index.js';
import type { ReceivingOptions, ReceivingPorts } from './receiving-thread.js';
import type { Refusals } from './refusals.js';
import type { WindowPart } from './window-part.js';

export interface WorkerOptions extends ReceivingOptions {
  readonly ports: ReceivingPorts;
}

/** From the collecting thread to a receiving one. */
export type ToReceiver =
  | { readonly type: 'plan'; readonly plan: RecordingPlan; readonly held: readonly TimeSlice[] }
  | { readonly type: 'read' }
  | { readonly type: 'stop' };

/** And back. */
export type FromReceiver =
  | { readonly type: 'listening'; readonly ports: ReceivingPorts }
  | { readonly type: 'part'; readonly part: WindowPart }
  | { readonly type: 'refused'; readonly refusals: readonly Refusals[] }
  | { readonly type: 'problem'; readonly message: string }
  | { readonly type: 'stopped' };
