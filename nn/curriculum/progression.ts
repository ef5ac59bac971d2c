/** What is known of a level after an epoch. Shares are 0 to 1. */
export interface LevelProgress {
  /** Epochs done, from 1. */
  readonly epoch: number;
  /** Accuracy on the level's held-out questions. */
  readonly accuracy: number;
  /** Share of concepts that are mastered. */
  readonly mastered: number;
  /** Share of concepts that are still trained on: neither mastered nor parked. */
  readonly left: number;
}

export interface ProgressionSettings {
  /** Accuracy that ends a level well. Default 0.8. */
  readonly advanceAccuracy?: number;
  /** Mastered share that ends a level well. Default 0.95. */
  readonly advanceMastered?: number;
  /** A level that is over with less is a hard wall. Default 0.5. */
  readonly wallAccuracy?: number;
  /** Epochs after which a level is over. Default 50. */
  readonly mostEpochs?: number;
  /** A level with less left to train on is over. Default 0.025. */
  readonly leastLeft?: number;
}

/** `epochs` and `items-left`: the level is over without having been passed, and above the wall. */
export type Progression =
  | { readonly action: 'continue' }
  | { readonly action: 'advance'; readonly reason: 'accuracy' | 'mastered' | 'epochs' | 'items-left' }
  | { readonly action: 'stop'; readonly reason: 'hard-wall' };

/**
 * Whether to go on with a level, to leave it for the next one, or to stop because the model cannot learn it.
 *
 * @throws RangeError when a share is not 0 to 1
 */
export function decideProgression(progress: LevelProgress, settings: ProgressionSettings = {}): Progression {
  const { advanceAccuracy = 0.8, advanceMastered = 0.95, wallAccuracy = 0.5 } = settings;
  const { mostEpochs = 50, leastLeft = 0.025 } = settings;
  const { epoch, accuracy, mastered, left } = progress;
  for (const [name, share] of Object.entries({ accuracy, mastered, left }))
    if (!(share >= 0 && share <= 1)) throw new RangeError(`${name} is ${share}, expected 0 to 1`);
  if (accuracy >= advanceAccuracy) return { action: 'advance', reason: 'accuracy' };
  if (mastered >= advanceMastered) return { action: 'advance', reason: 'mastered' };
  const over = left < leastLeft ? 'items-left' : epoch >= mostEpochs ? 'epochs' : null;
  if (over === null) return { action: 'continue' };
  return accuracy < wallAccuracy
    ? { action: 'stop', reason: 'hard-wall' }
    : { action: 'advance', reason: over };
}
