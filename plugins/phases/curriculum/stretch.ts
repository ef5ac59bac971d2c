import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { Document } from '../../../nn/data/index.js';

/** Of a {@link Stretch}. */
export interface StretchDocument extends Document {
  /** Learnt by an earlier phase: what was said of it is to be said still. */
  readonly kept?: boolean;
}

/** A stretch of training: some updates on some documents. */
export interface Stretch {
  /** Of its checkpoints: `forge`, `level-03-epoch-1`. */
  readonly name: string;
  /** Learnt from, each as often as the others. */
  readonly documents: readonly StretchDocument[];
  /** Latents of a frozen model whose predictions are learnt instead of the documents' own tokens. */
  readonly teacher?: TensorDict;
  /** Updates; absent: as many as read every row once. */
  readonly steps?: number;
  /** Learning rate at its beginning and at its end, in rates of the options. */
  readonly rate: readonly [first: number, last: number];
  /** Of the recursion: all that the options' stages say, or those of the first stage alone. */
  readonly shapes: 'staged' | 'first';
  /** Of the phase that is done, by the share of this stretch. */
  readonly fraction: (done: number) => number;
}

/** A finished stretch, to go on from. JSON. */
export interface StretchName {
  readonly name: string;
  /** Of what it learnt from. */
  readonly hash: string;
}

/** How a stretch went. JSON. */
export interface StretchEnd {
  /** Null where there was nothing to learn from. */
  readonly ended: StretchName | null;
  /** Updates of the phase so far. */
  readonly step: number;
  /** Mean training loss of its updates, nats; null where it had none in this process. */
  readonly loss: number | null;
}
