import type { Architecture } from '../../core/contracts/architecture.js';
import type { Engine, Program } from '../../core/contracts/engine.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { inGroup, specsOf } from '../training/state.js';
import {
  coherence,
  COHERENCE_SCHEMES,
  judgeThought,
  type CoherenceDimensions,
  type CoherenceStatistics,
} from './coherence.js';
import { hardestPlaces, placeRows, type HeldOutPlace, type PlaceRows } from './hardest-places.js';
import type { ThoughtMarkers, ThoughtShape } from './layout.js';
import { textMeasuresSource, ThoughtMeter, type ThoughtMeasures } from './measure.js';
import type { TextRows } from './positions.js';
import { ThoughtSampler } from './sample.js';

/** A thinker under test. */
export interface ThinkingSubject {
  readonly engine: Engine;
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  /** The model's tensors and those of its mixing head. */
  readonly weights: TensorDict;
  readonly markers: ThoughtMarkers;
  /** Ids that no thought says. */
  readonly excluded: readonly number[];
}

export interface ThinkingOptions {
  /** One thought per place, the likeliest one. */
  readonly shape: Omit<ThoughtShape, 'thoughts'>;
  /** B: rows of every batch. */
  readonly rows: number;
  /** Share of the places that are looked at, those where the model is most unsure; default a fifth. */
  readonly hardest?: number;
  /** At most so many of them, spread evenly over the text. */
  readonly limit?: number;
  /** Whether thoughts may end before T tokens, as those of a model that was taught to write them; default false. */
  readonly ending?: boolean;
  /** Judges the thoughts as well; without it there are no pairs. */
  readonly judge?: ThoughtJudge;
}

/** Frozen weights that thoughts are judged with, and what real text is like under them. */
export interface ThoughtJudge {
  readonly weights: TensorDict;
  readonly statistics: CoherenceStatistics;
  /** Text of ids, for claims. */
  readonly decode?: (ids: ArrayLike<number>) => string;
}

/** One place with and without its thought. */
export interface ThinkingItem extends HeldOutPlace {
  /** Its tokens without markers. */
  readonly thought: readonly number[];
  /** -ln p(x_(j+1)), nats. */
  readonly lossWith: number;
  readonly lossWithout: number;
  readonly correctWith: boolean;
  readonly correctWithout: boolean;
  /** w at x_(j+1) */
  readonly mixingWeight: number;
  /** ln p(x_(j+2)..x_(j+A)) with the thought less that without, nats: no token of the predictive dimension. */
  readonly utility: number;
  /** null without a judge. */
  readonly coherence: (CoherenceDimensions & { readonly A: number; readonly B: number }) | null;
}

/** Means over the items; null where there is none. */
export interface ThinkingResult {
  readonly items: readonly ThinkingItem[];
  readonly lossWith: number | null;
  readonly lossWithout: number | null;
  readonly accuracyWith: number | null;
  readonly accuracyWithout: number | null;
  readonly mixingWeight: number | null;
  /** Places of the text that could be thought at, of which the items are the hardest. */
  readonly places: number;
}

/**
 * Next-token loss and accuracy on the hardest places of held-out text, with the likeliest thought and without one. Hard is
 * where the model is unsure before it sees the answer: chosen by its loss, the places would be those where it had bad luck,
 * and anything would seem to help.
 *
 * @param batches of B rows of L tokens each
 * @throws ForgeError AF_CONFIG_INVALID when the thoughts do not fit the context
 */
export async function evaluateThinking(
  subject: ThinkingSubject,
  batches: readonly TextRows[],
  options: ThinkingOptions,
): Promise<ThinkingResult> {
  const entropies = await measureEntropies(subject, batches, options);
  const { chosen, places } = hardestPlaces(batches, entropies, options);
  const items = await think(subject, batches, placeRows(batches, chosen, options), options);
  const mean = (of: (item: ThinkingItem) => number): number | null =>
    items.length === 0 ? null : items.reduce((sum, item) => sum + of(item), 0) / items.length;
  return {
    items,
    lossWith: mean((item) => item.lossWith),
    lossWithout: mean((item) => item.lossWithout),
    accuracyWith: mean((item) => Number(item.correctWith)),
    accuracyWithout: mean((item) => Number(item.correctWithout)),
    mixingWeight: mean((item) => item.mixingWeight),
    places,
  };
}

async function measureEntropies(
  { engine, architecture, config, weights }: ThinkingSubject,
  batches: readonly TextRows[],
  { rows, shape }: ThinkingOptions,
): Promise<Float32Array[]> {
  const model = { architecture, config, specs: specsOf(weights) };
  const { fn, spec } = textMeasuresSource(model, rows, shape.base);
  const program: Program = await engine.compile(fn, spec);
  const state = await engine.createState(inGroup('param', weights));
  const found: Float32Array[] = [];
  for (const { ids, targets, segments } of batches) {
    const { entropy } = await program.run({ ids, targets, segments }, { state });
    found.push(entropy!.data as Float32Array);
  }
  await program.dispose();
  await state.dispose();
  return found;
}

async function think(
  subject: ThinkingSubject,
  batches: readonly TextRows[],
  work: readonly PlaceRows[],
  options: ThinkingOptions,
): Promise<ThinkingItem[]> {
  const { engine, weights, markers, excluded } = subject;
  const { ending = false, rows } = options;
  const shape: ThoughtShape = { ...options.shape, thoughts: 1 };
  const meterShape = { shape, rows, markers, excluded, ending };
  const sampler = await ThoughtSampler.create({ ...subject, shape, rows, ending }, weights);
  const meter = await ThoughtMeter.create(engine, subject, weights, meterShape);
  const { judge } = options;
  const frozen =
    judge === undefined ? null : await ThoughtMeter.create(engine, subject, judge.weights, meterShape);
  const items: ThinkingItem[] = [];
  for (const { text, places, at } of work) {
    const thoughts = await sampler.sample(text, places, null);
    const measured = await meter.measure(text, places, thoughts);
    const reference = (await frozen?.measure(text, places, thoughts)) ?? null;
    at.forEach((place, m) => {
      if (place === null) return;
      const first = m * shape.length;
      const thought = Array.from(thoughts.ids.subarray(first, first + thoughts.lengths[m]!));
      const judged =
        judge === undefined || reference === null
          ? null
          : judgedAt(reference, m, shape, { ids: thought, context: contextOf(batches, place, shape) }, judge);
      items.push({ ...place, thought, ...comparedAt(measured, m, shape), coherence: judged });
    });
  }
  await sampler.dispose();
  await meter.dispose();
  await frozen?.dispose();
  return items;
}

function comparedAt(
  measured: ThoughtMeasures,
  m: number,
  { talk }: ThoughtShape,
): Omit<ThinkingItem, keyof HeldOutPlace | 'thought' | 'coherence'> {
  const first = m * talk;
  let utility = 0;
  for (let i = first + 1; i < first + talk; i++)
    utility += measured.counts[i]! * (measured.after[i]! - measured.without[i]!);
  return {
    lossWith: -measured.after[first]!,
    lossWithout: -measured.without[first]!,
    correctWith: measured.correctAfter[first] === 1,
    correctWithout: measured.correctWithout[first] === 1,
    mixingWeight: measured.weight[first]!,
    utility,
  };
}

function judgedAt(
  reference: ThoughtMeasures,
  m: number,
  { talk }: ThoughtShape,
  thought: { readonly ids: readonly number[]; readonly context: Int32Array },
  { statistics, decode }: ThoughtJudge,
): CoherenceDimensions & { readonly A: number; readonly B: number } {
  const signals = {
    cosine: reference.cosine[m]!,
    logProbability: reference.logProbability[m]!,
    gain: reference.after[m * talk]! - reference.without[m * talk]!,
  };
  const text = decode === undefined ? {} : { text: decode(thought.ids) };
  const dimensions = judgeThought(signals, { ...thought, ...text }, statistics);
  return {
    ...dimensions,
    A: coherence(dimensions, COHERENCE_SCHEMES.A),
    B: coherence(dimensions, COHERENCE_SCHEMES.B),
  };
}

/** The document of a place up to it. */
function contextOf(
  batches: readonly TextRows[],
  { batch, row, place }: HeldOutPlace,
  { base }: ThoughtShape,
): Int32Array {
  const { ids, segments } = batches[batch]!;
  const last = row * base + place;
  let first = last;
  while (first > row * base && segments[first - 1] === segments[last]) first--;
  return ids.subarray(first, last + 1);
}
