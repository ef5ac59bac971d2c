import type { Architecture } from '../../core/contracts/architecture.js';
import type { Engine, RandomKey } from '../../core/contracts/engine.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { requireThoughtsFit, type ThoughtShape } from './layout.js';
import type { TextRows } from './positions.js';
import { openReader, type Choice, type ThoughtReader } from './readers.js';
import { neverChosen, type ThoughtVocabulary } from './vocabulary.js';

export interface SamplerOptions extends ThoughtVocabulary {
  readonly engine: Engine;
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  readonly shape: ThoughtShape;
  /** B: rows of text. */
  readonly rows: number;
}

/** Thoughts as `ThoughtRows` wants them. */
export interface SampledThoughts {
  /** [B P N T]; END after the end of a thought. */
  readonly ids: Int32Array;
  /** [B P N]: tokens of each thought; T unless thoughts may end themselves. */
  readonly lengths: Int32Array;
}

/**
 * The first pass of Quiet-STaR: N thoughts of at most T tokens after each of P places of B rows, without gradient, all at
 * the same time. Compiled once; {@link load} brings it the weights of the step.
 */
export class ThoughtSampler {
  private constructor(
    private readonly options: SamplerOptions,
    private readonly names: readonly string[],
    private readonly reader: ThoughtReader,
  ) {}

  /**
   * @param weights of the model as it computes with them; what else they hold is not looked at
   * @throws ForgeError AF_CONFIG_INVALID when the thoughts do not fit the context
   */
  static async create(options: SamplerOptions, weights: TensorDict): Promise<ThoughtSampler> {
    const { engine, architecture, config, shape, rows } = options;
    requireThoughtsFit(shape, architecture.contextLength(config));
    const names = architecture.describe(config).map(({ name }) => name);
    const reader = await openReader(
      {
        ...{ engine, architecture, config, excluded: neverChosen(options) },
        prefixes: rows * shape.positions,
        copies: shape.thoughts,
        width: shape.base + shape.length + 1,
      },
      named(weights, names),
    );
    return new ThoughtSampler(options, names, reader);
  }

  /** Go on with other weights. */
  load(weights: TensorDict): Promise<void> {
    return this.reader.load(named(weights, this.names));
  }

  /**
   * Think. A thought sees its document up to and including its place; one that chose END is over, the others go on.
   *
   * @param places int32 [B P]
   * @param random at temperature 1 with these numbers; null: the most likely token each time
   */
  async sample(
    text: Pick<TextRows, 'ids' | 'segments'>,
    places: Int32Array,
    random: RandomKey | null,
  ): Promise<SampledThoughts> {
    const { shape, markers } = this.options;
    const { positions, thoughts, length } = shape;
    const prefixes = Array.from(places, (place, i) =>
      documentUpTo(shape.base, text, Math.floor(i / positions), place),
    );
    await this.reader.begin(prefixes);
    const count = places.length * thoughts;
    const ids = new Int32Array(count * length).fill(markers.end);
    const lengths = new Int32Array(count);
    let last = new Int32Array(count).fill(markers.start);
    for (let t = 0; t < length && last.some((id) => id !== markers.end); t++) {
      const next = await this.reader.next(last, choiceAt(random, t, length));
      // Every row is read at every step; what comes after END is not looked at.
      last = last.map((id, m) => (id === markers.end ? id : next[m]!));
      last.forEach((id, m) => {
        ids[m * length + t] = id;
        if (id !== markers.end) lengths[m]!++;
      });
    }
    return { ids, lengths };
  }

  dispose(): Promise<void> {
    return this.reader.dispose();
  }
}

/** Thoughts about one batch with a sampler of its own. */
export async function sampleThoughts(
  options: SamplerOptions,
  weights: TensorDict,
  text: Pick<TextRows, 'ids' | 'segments'>,
  places: Int32Array,
  random: RandomKey | null,
): Promise<SampledThoughts> {
  const sampler = await ThoughtSampler.create(options, weights);
  try {
    return await sampler.sample(text, places, random);
  } finally {
    await sampler.dispose();
  }
}

/** Every token of every step has numbers of its own. */
function choiceAt(random: RandomKey | null, t: number, length: number): Choice {
  return random === null ? null : { ...random, counter: random.counter * length + t };
}

function documentUpTo(
  base: number,
  { ids, segments }: Pick<TextRows, 'ids' | 'segments'>,
  row: number,
  place: number,
): number[] {
  const last = row * base + place;
  let first = last;
  while (first > row * base && segments[first - 1] === segments[last]) first--;
  return Array.from(ids.subarray(first, last + 1));
}

function named(weights: TensorDict, names: readonly string[]): TensorDict {
  return Object.fromEntries(names.map((name) => [name, weights[name]!]));
}
