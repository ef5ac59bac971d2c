import type { HostArray } from '../../../core/contracts/tensor.js';
import type { Program } from '../../../core/contracts/engine.js';
import { stream } from '../../../nn/random/index.js';
import {
  choosePlaces,
  entropySource,
  type PlaceOptions,
  ThoughtSampler,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import { specsOf, type HostBatch, type Trainer } from '../../../nn/training/index.js';
import { markersOf, unsayable } from './markers.js';
import type { QuietstarRun } from './prepare.js';

/** How rows are thought about. */
export interface ThinkingTurn {
  /** At temperature 1; otherwise the likeliest thought, the same one each time. */
  readonly drawn: boolean;
  /** Of the numbers that places and thoughts are drawn by. */
  readonly counter: number;
}

/** What a thinker is made for: thoughts of one size about so many rows. */
export interface ThinkerSize {
  readonly shape: ThoughtShape;
  readonly seed: number;
}

/** Thinks with the weights that are trained, as they are now. */
export class Thinker {
  private constructor(
    private readonly trainer: Trainer,
    private readonly sampler: ThoughtSampler,
    /** How unsure the model is after each token; run on the state that is trained. */
    private readonly entropy: Program,
    private readonly options: ThinkerSize & { readonly places: PlaceOptions },
  ) {}

  static async open(run: QuietstarRun, trainer: Trainer, { shape, seed }: ThinkerSize): Promise<Thinker> {
    const { options, engine } = run;
    const { architecture, config } = trainer.options.model;
    const { rows } = options.quiet.training;
    const weights = await trainer.weights('param');
    const { fn, spec } = entropySource({ architecture, config, specs: specsOf(weights) }, rows, shape.base);
    const sampler = await ThoughtSampler.create(
      {
        ...{ engine, architecture, config, shape, rows, excluded: unsayable(run), ending: true },
        markers: markersOf(run),
      },
      weights,
    );
    const entropy = await engine.compile(fn, spec).catch(async (error: unknown) => {
      await sampler.dispose();
      throw error;
    });
    const { minInterval: interval, exploration: randomShare, at } = options.thoughts;
    const places = { interval, randomShare, answersFirst: at === 'answers' };
    return new Thinker(trainer, sampler, entropy, { shape, seed, places });
  }

  /** Places of rows, and thoughts there: inputs of the objective, by name. */
  async think(
    { ids, targets, segments }: HostBatch,
    { drawn, counter }: ThinkingTurn,
  ): Promise<Record<string, HostArray>> {
    const { shape, seed, places: how } = this.options;
    const text = { ids, targets, segments };
    const outputs = await this.entropy.run({ ids, segments }, { state: this.trainer.state });
    const { places, valid } = choosePlaces(
      shape,
      text,
      outputs['entropy']!.data as Float32Array,
      stream(seed, 'places', drawn ? counter : -counter),
      how,
    );
    await this.sampler.load(await this.trainer.weights('param'));
    const random = drawn ? { seed, stream: 'thoughts', counter } : null;
    const said = await this.sampler.sample(text, places, random);
    return { places, valid, thoughts: said.ids, lengths: said.lengths };
  }

  /** Thoughts among those inputs: a place that stands for none has none. */
  written({ valid }: Readonly<Record<string, HostArray>>): number {
    return Array.from(valid!).filter((one) => one > 0).length * this.options.shape.thoughts;
  }

  async dispose(): Promise<void> {
    await this.sampler.dispose();
    await this.entropy.dispose();
  }
}
