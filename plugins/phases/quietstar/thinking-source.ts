import type { EngineState, Program } from '../../../core/contracts/engine.js';
import { stream } from '../../../nn/random/index.js';
import {
  choosePlaces,
  RewardScale,
  type ThoughtSampler,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
import type { TrainingSource } from '../shared/training/run.js';

/** What changes from update to update besides the text. */
export interface StepWeights {
  readonly policyWeight: number;
  readonly klWeight: number;
  readonly entropyWeight: number;
}

export interface ThinkingSourceParts {
  /** Rows of text. */
  readonly text: TrainingSource;
  readonly shape: ThoughtShape;
  readonly sampler: ThoughtSampler;
  /** How unsure the model is after each token; run on the state that is trained. */
  readonly entropy: Program;
  readonly state: EngineState;
  /** Bring the sampler the weights of now. */
  readonly load: () => Promise<void>;
  readonly weightsAt: (step: number) => StepWeights;
  readonly interval: number;
  /** Share of the places that is drawn by chance. */
  readonly exploration: number;
  readonly seed: number;
}

/** Cursor of {@link ThinkingSource}. JSON. */
interface Cursor {
  readonly text: unknown;
  readonly step: number;
  /** Drawn so far. */
  readonly thoughts: number;
  readonly rewards: number | null;
}

/**
 * The first pass of Quiet-STaR before every update: text is drawn, places are chosen where the model is unsure, and it
 * thinks there as it would now.
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
    const { text, shape } = this.parts;
    this.step += 1;
    const batch = await this.withThoughts(await text.nextBatch(rows, length), {
      drawn: true,
      counter: this.step,
    });
    const places = Array.from(batch.extras!['valid']!).filter((valid) => valid > 0).length;
    this.drawn += places * shape.thoughts;
    return batch;
  }

  /**
   * Rows with thoughts about them.
   * @param drawn at temperature 1; otherwise the likeliest thought, the same one each time
   */
  async withThoughts(
    { ids, targets, segments }: HostBatch,
    { drawn, counter }: { readonly drawn: boolean; readonly counter: number },
  ): Promise<HostBatch> {
    const { shape, sampler, entropy, state, seed, interval, exploration, weightsAt, load } = this.parts;
    const outputs = await entropy.run({ ids, segments }, { state });
    const text = { ids, targets, segments };
    const chosen = choosePlaces(
      shape,
      text,
      outputs['entropy']!.data as Float32Array,
      stream(seed, 'places', drawn ? counter : -counter),
      { interval, randomShare: exploration },
    );
    await load();
    const random = drawn ? { seed, stream: 'thoughts', counter } : null;
    const said = await sampler.sample(text, chosen.places, random);
    const scalars = { rewardSpread: this.rewards.value, ...weightsAt(Math.max(1, this.step)) };
    return {
      ...text,
      extras: {
        ...{ places: chosen.places, valid: chosen.valid, thoughts: said.ids, lengths: said.lengths },
        ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)])),
      },
    };
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
