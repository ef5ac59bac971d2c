import { RewardScale, type RewardScaleState } from '../../../nn/thoughts/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
import type { TrainingSource } from '../shared/training/run.js';
import type { Thinker, ThinkingTurn } from './thinker.js';

/** What changes from update to update besides the text. */
export interface StepWeights {
  readonly policyWeight: number;
  readonly klWeight: number;
  readonly entropyWeight: number;
  readonly rewardThreshold: number;
}

export interface ThinkingSourceParts {
  /** Rows of text. */
  readonly text: TrainingSource;
  /** Null: nothing is thought. */
  readonly thinker: Pick<Thinker, 'think' | 'written'> | null;
  /** @param update from 1 */
  readonly weightsAt: (update: number) => StepWeights;
  /** Batches of an update. */
  readonly accumulation: number;
}

/** Cursor of {@link ThinkingSource}. JSON. */
interface Cursor {
  readonly text: unknown;
  /** Batches that were drawn so far. */
  readonly step: number;
  /** Thoughts that were drawn so far. */
  readonly thoughts: number;
  readonly rewards: RewardScaleState;
}

/**
 * The first pass of Quiet-STaR before every update: text is drawn, places are chosen where the model is unsure, and it
 * thinks there as it would now. Without a thinker it is the same text alone, and the cursor of the one serves the other.
 */
export class ThinkingSource implements TrainingSource {
  private step = 0;
  private drawn = 0;
  private rewards = new RewardScale();

  constructor(private readonly parts: ThinkingSourceParts) {}

  /** Thoughts that were drawn for updates. */
  get thoughts(): number {
    return this.drawn;
  }

  async nextBatch(rows: number, length: number): Promise<HostBatch> {
    const { text, thinker } = this.parts;
    this.step += 1;
    const batch = await this.withThoughts(await text.nextBatch(rows, length), {
      drawn: true,
      counter: this.step,
    });
    this.drawn += thinker?.written(batch.extras!) ?? 0;
    return batch;
  }

  /** Rows with thoughts about them. */
  async withThoughts({ ids, targets, segments }: HostBatch, turn: ThinkingTurn): Promise<HostBatch> {
    const { thinker, weightsAt, accumulation } = this.parts;
    const text = { ids, targets, segments };
    const { klWeight, ...others } = weightsAt(Math.max(1, Math.ceil(this.step / accumulation)));
    if (thinker === null) return { ...text, extras: scalars({ klWeight }) };
    const thoughts = await thinker.think(text, turn);
    const weights = { klWeight, ...others, rewardSpread: this.rewards.value };
    return { ...text, extras: { ...thoughts, ...scalars(weights) } };
  }

  /** @param deviation of the rewards of an update (`rl/reward_std`) */
  observe(deviation: number): void {
    this.rewards.observe(deviation);
  }

  state(): Cursor {
    const { step, drawn: thoughts, rewards } = this;
    return { text: this.parts.text.state(), step, thoughts, rewards: rewards.state };
  }

  restore(state: unknown): void {
    const { text, step, thoughts, rewards } = state as Cursor;
    this.parts.text.restore(text);
    this.step = step;
    this.drawn = thoughts;
    this.rewards = new RewardScale(undefined, rewards);
  }
}

function scalars(values: Readonly<Record<string, number>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));
}
