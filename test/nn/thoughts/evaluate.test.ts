import type { Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../../../core/contracts/engine.js';
import { answerLogits, initializeWeights } from '../../../nn/models/index.js';
import {
  COHERENCE_SCHEMES,
  evaluateThinking,
  featureWidth,
  hardestPlaces,
  lastStep,
  mixingTensors,
  placeRows,
  ThoughtMeter,
  type TextRows,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { openTestEngine } from '../../support/training.js';
import { toTensors } from '../../support/titans-mag.js';
import { aloneSequence, MARKERS, MODELS, thoughtRows, type TestModel } from './support.js';

const SHAPE = { base: 16, positions: 2, length: 3, talk: 3 };
const OPTIONS = { shape: SHAPE, rows: 2 };
const STATISTICS = { mu: -3, sigma: 1, idf: new Float32Array(48).fill(1) };

/** Two batches of two packed rows. */
const TEXTS = [1, 2].map((seed): TextRows => {
  const { ids, targets, segments } = thoughtRows(
    { ...SHAPE, thoughts: 1 },
    [0, 0, 0, 0],
    seed === 1 ? [6] : [],
    seed,
  );
  return {
    ids: ids.data as Int32Array,
    targets: targets.data as Int32Array,
    segments: segments.data as Int32Array,
  };
});

describe('the hardest places', () => {
  const entropies = [0, 1].map((batch) => Float32Array.from({ length: 32 }, (_, i) => (batch + 1) * i));

  test('are those of highest entropy in the order of the text', () => {
    const { chosen, places } = hardestPlaces(TEXTS, entropies, OPTIONS);
    // Documents of 6 and 10 tokens: 3 + 7 places in a row of the first batch, 13 in one of the second.
    expect(places).toBe(2 * 10 + 2 * 13);
    expect(chosen).toHaveLength(Math.ceil(0.2 * 46));
    expect(chosen.map(({ batch }) => batch)).toEqual(new Array(10).fill(1));
    expect(chosen.map(({ place }) => place)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const few = hardestPlaces(TEXTS, entropies, { ...OPTIONS, limit: 3 }).chosen;
    expect(few.map(({ place }) => place)).toEqual([3, 6, 9]);
  });

  test('are laid out so that each is there once, with its own text', () => {
    const { chosen } = hardestPlaces(TEXTS, entropies, { ...OPTIONS, hardest: 0.7 });
    const laid = placeRows(TEXTS, chosen, OPTIONS);
    const seen = laid.flatMap(({ at }) => at.filter((place) => place !== null));
    expect(seen).toEqual(chosen);
    for (const { text, places, at } of laid)
      at.forEach((place, i) => {
        if (place === null) return;
        expect(places[i]).toBe(place.place);
        const row = Math.floor(i / SHAPE.positions);
        expect(text.ids.subarray(row * 16, (row + 1) * 16)).toEqual(
          TEXTS[place.batch]!.ids.subarray(place.row * 16, (place.row + 1) * 16),
        );
      });
  });
});

describe.each(Object.entries(MODELS))('thinking of %s on held-out text', (_name, open) => {
  useCpuBackend();
  let engine: Engine;
  let model: TestModel;
  beforeAll(async () => {
    engine = await openTestEngine();
    model = await open();
  });
  afterAll(() => engine.dispose());

  const mixing = (bounded: boolean) =>
    initializeWeights(mixingTensors(featureWidth(model.architecture, model.config), { bounded }), 1);
  const subject = (bounded: boolean) => ({
    ...{ engine, architecture: model.architecture, config: model.config },
    weights: { ...model.weights, ...mixing(bounded) },
    ...{ markers: MARKERS, excluded: [46, 47] },
  });

  test('measures what a pass of its own for every thought says', async () => {
    const shape: ThoughtShape = { ...SHAPE, thoughts: 2 };
    const full = thoughtRows(shape, [2, 8, 0, 12], [5]);
    const lengths = Int32Array.of(0, 3, 2, 1, 3, 0, 1, 2);
    const rows = { ...full, lengths: { ...full.lengths, data: lengths } };
    const { engine: on, architecture, config, weights, markers, excluded } = subject(false);
    const { ['thought.mixing.out']: _, ...withoutHead } = weights;
    const meter = await ThoughtMeter.create(on, { architecture, config }, withoutHead, {
      ...{ shape, markers, excluded, rows: 2 },
    });
    const text = {
      ids: rows.ids.data as Int32Array,
      targets: rows.targets.data as Int32Array,
      segments: rows.segments.data as Int32Array,
    };
    const thoughts = { ids: rows.thoughts.data as Int32Array, lengths };
    const found = await meter.measure(text, rows.places.data as Int32Array, thoughts);
    const other = thoughts.ids.map((id, i) => (i % 3 < lengths[Math.floor(i / 3)]! ? id : 45 - id));
    const same = await meter.measure(text, rows.places.data as Int32Array, { ids: other, lengths });
    expect(same).toEqual(found);
    await meter.dispose();
    // Thought 2 of the first row, after its second place: two tokens.
    const { ids, segments } = aloneSequence(shape, rows, 0, 2);
    const [logP, sayable, features] = tf.tidy(() => {
      const row = (values: readonly number[]): Tensor2D =>
        tf.tensor2d([...values], [1, values.length], 'int32');
      const pass = model.forward(toTensors(model.weights), { ids: row(ids), segments: row(segments) });
      const logits = answerLogits(pass);
      return [
        tf.logSoftmax(logits).arraySync() as number[][][],
        tf.logSoftmax(tf.slice(logits, [0, 0, 0], [-1, -1, 46])).arraySync() as number[][][],
        lastStep(pass.features).arraySync() as number[][][],
      ];
    });
    const [j, first] = [8, 2 * SHAPE.talk];
    for (let a = 0; a < SHAPE.talk; a++) {
      const at = j + 2 + 2 + a;
      expect(found.after[first + a]).toBeCloseTo(logP[0]![at]![text.ids[j + 1 + a]!]!, 4);
      expect(found.weight[first + a]).toBe(1);
    }
    const said = [0, 1].map((t) => sayable[0]![j + 1 + t]![ids[j + 2 + t]!]!);
    expect(found.logProbability[2]).toBeCloseTo((said[0]! + said[1]!) / 2, 4);
    const mean = features[0]![j + 2]!.map((x, k) => (x + features[0]![j + 3]![k]!) / 2);
    const dot = (x: number[], y: number[]): number => x.reduce((sum, each, k) => sum + each * y[k]!, 0);
    const before = features[0]![j]!;
    const cosine = dot(mean, before) / Math.sqrt(dot(mean, mean) * dot(before, before));
    expect(found.cosine[2]).toBeCloseTo(cosine, 5);
    // The first thought has no token.
    expect([Math.abs(found.cosine[0]!), Math.abs(found.logProbability[0]!)]).toEqual([0, 0]);
    expect(Math.max(...found.cosine.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-5);
  });

  test('at w = 0 a thought changes nothing', async () => {
    const { lossWith, lossWithout, accuracyWith, accuracyWithout, items, mixingWeight } =
      await evaluateThinking(subject(false), TEXTS, { ...OPTIONS, limit: 5 });
    expect(items).toHaveLength(5);
    expect(lossWith).toBe(lossWithout);
    expect(accuracyWith).toBe(accuracyWithout);
    expect(mixingWeight).toBe(0);
    for (const { utility, coherence } of items) {
      expect(Math.abs(utility)).toBe(0);
      expect(coherence).toBeNull();
    }
  });

  test('a mixed thought changes the loss; pairs of coherence and utility are there with a judge', async () => {
    const judge = {
      weights: model.weights,
      statistics: STATISTICS,
      decode: (ids: ArrayLike<number>) => `${ids[0]!} = ${ids[0]!}`,
    };
    const { items, places, lossWith, lossWithout } = await evaluateThinking(subject(true), TEXTS, {
      ...OPTIONS,
      limit: 5,
      judge,
    });
    expect(places).toBe(46);
    expect(lossWith).not.toBe(lossWithout);
    for (const { coherence, utility, thought, mixingWeight } of items) {
      expect(thought).toHaveLength(SHAPE.length);
      expect(Number.isFinite(utility)).toBe(true);
      expect(mixingWeight).toBeCloseTo(0.0998, 3);
      expect(coherence!.logical).toBe(1);
      const { semantic, syntactic, predictive } = coherence!;
      expect(coherence!.A).toBeCloseTo(
        COHERENCE_SCHEMES.A.semantic * semantic + 0.3 * syntactic + 0.3 * predictive,
        6,
      );
    }
    expect(items.some(({ utility }) => utility !== 0)).toBe(true);
  });

  test('thoughts that end themselves are judged by their tokens alone', async () => {
    const decoded: number[][] = [];
    const decode = (ids: ArrayLike<number>): string => {
      decoded.push(Array.from(ids));
      return '';
    };
    // Of everything they may say 40 to 45, and END.
    const excluded = Array.from({ length: 48 }, (_, id) => id).filter((id) => id < 40 || id > 45);
    const judge = { weights: model.weights, statistics: STATISTICS, decode };
    const thinker = { ...subject(true), excluded };
    const { items } = await evaluateThinking(thinker, TEXTS, { ...OPTIONS, judge, ending: true });
    expect(decoded).toEqual(items.map(({ thought }) => thought));
    expect(items.some(({ thought }) => thought.length < SHAPE.length)).toBe(true);
    expect(items.flatMap(({ thought }) => thought).filter((id) => id < 40 || id > 45)).toEqual([]);
    for (const { coherence, thought } of items)
      if (thought.length === 0) expect([coherence!.semantic, coherence!.fluency]).toEqual([0.5, 0.5]);
  });
});
