import type { Architecture } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { answerLogits } from '../../../nn/models/index.js';
import { continueGreedily } from '../../../nn/generation/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { sampleThoughts, ThoughtSampler, type ThoughtShape } from '../../../nn/thoughts/index.js';
import { openTestEngine } from '../../support/training.js';
import { toTensors } from '../../support/titans-mag.js';
import { useCpuBackend } from '../../support/engines.js';
import { aloneSequence, MARKERS, MODELS, thoughtRows, type TestModel } from './support.js';

const SHAPE: ThoughtShape = { base: 16, positions: 2, thoughts: 2, length: 3, talk: 2 };
const PLACES = [3, 9, 0, 12];
const STARTS = [5];
const KEY = { seed: 7, stream: 'thoughts', counter: 1 };

function scaled(weights: TensorDict, factor: number): TensorDict {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name,
      { ...tensor, data: Float32Array.from(tensor.data, (x) => x * factor) },
    ]),
  );
}

describe.each(Object.entries(MODELS))('thoughts of %s', (_name, open) => {
  useCpuBackend();
  let engine: Engine;
  let model: TestModel;
  const rows = thoughtRows(SHAPE, PLACES, STARTS);
  const text = { ids: rows.ids.data as Int32Array, segments: rows.segments.data as Int32Array };
  const places = Int32Array.from(PLACES);
  beforeAll(async () => {
    engine = await openTestEngine();
    const { architecture, config, ...others } = await open();
    // Between fresh weights, which say nothing, and the large ones of other tests, which always say the same.
    const fresh = initializeWeights(architecture.describe(config), 4);
    model = { ...others, architecture, config, weights: scaled(fresh, 6) };
  });
  afterAll(() => engine.dispose());

  const options = (architecture: Architecture = model.architecture, excluded = [0, 46, 47]) => ({
    ...{ engine, architecture, config: model.config, shape: SHAPE, rows: 2 },
    ...{ markers: MARKERS, excluded },
  });

  test('the likeliest ones are what the decoder of texts would write after START', async () => {
    const found = await sampleThoughts(
      options(model.architecture, [46, 47]),
      model.weights,
      text,
      places,
      null,
    );
    const prompts = PLACES.map((j, i) => {
      const row = Array.from(text.ids.subarray(Math.floor(i / 2) * 16, Math.floor(i / 2) * 16 + j + 1));
      return [...row.slice(j >= 5 ? 5 : 0), MARKERS.start];
    });
    const expected = await continueGreedily(
      { engine, architecture: model.architecture, config: model.config, weights: model.weights },
      prompts,
      { rows: 4, maxTokens: 3, stop: null, vocabulary: 46 },
    );
    // Both thoughts of a place are the same.
    expect(new Set(expected.flat()).size).toBeGreaterThan(2);
    const wanted = expected.flatMap((ids) => [ids, ids]);
    expect(Array.from({ length: 8 }, (_, m) => Array.from(found.ids.subarray(m * 3, m * 3 + 3)))).toEqual(
      wanted,
    );
    expect(Array.from(found.lengths)).toEqual(new Array(8).fill(3));
  });

  test('without a decoder they are the same, the likeliest and the drawn ones', async () => {
    const { decoder: _, ...whole } = model.architecture;
    for (const random of [null, KEY])
      expect(await sampleThoughts(options(whole), model.weights, text, places, random)).toEqual(
        await sampleThoughts(options(), model.weights, text, places, random),
      );
  });

  test('drawn ones differ, repeat for the same key and never say what is excluded', async () => {
    const sampler = await ThoughtSampler.create(options(), model.weights);
    const first = await sampler.sample(text, places, KEY);
    const other = await sampler.sample(text, places, { ...KEY, counter: 2 });
    expect(await sampler.sample(text, places, KEY)).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.ids).toHaveLength(2 * 2 * 2 * 3);
    for (const id of [...first.ids, ...other.ids]) expect([0, 46, 47]).not.toContain(id);
    await sampler.load(scaled(model.weights, 0.5));
    expect(await sampler.sample(text, places, KEY)).not.toEqual(first);
    await sampler.dispose();
  });

  /** Of everything, thoughts may say 44 and 45, and END. */
  const FEW = Array.from({ length: 48 }, (_, id) => id).filter((id) => id !== 44 && id !== 45);

  test('those that may end themselves do it where END is the likeliest', async () => {
    const ending = { ...options(model.architecture, FEW), ending: true };
    const { ids, lengths } = await sampleThoughts(ending, model.weights, text, places, null);
    const said = {
      ...rows,
      thoughts: { ...rows.thoughts, data: ids },
      lengths: { ...rows.lengths, data: lengths },
    };
    for (let i = 0; i < 8; i++) {
      const alone = aloneSequence(SHAPE, said, Math.floor(i / 4), i % 4);
      const best = tf.tidy(() => {
        const row = (values: readonly number[]): Tensor2D =>
          tf.tensor2d([...values], [1, values.length], 'int32');
        const input = { ids: row(alone.ids), segments: row(alone.segments) };
        const logits = answerLogits(
          model.forward(toTensors(model.weights), input),
        ).arraySync() as number[][][];
        return logits[0]!.map((of) => [44, 45, 47].sort((a, b) => of[b]! - of[a]!)[0]!);
      });
      const start = PLACES[Math.floor(i / 2)]! + 1;
      const length = lengths[i]!;
      const wanted = best.slice(start, start + Math.min(length + 1, SHAPE.length));
      expect([...alone.ids.slice(start + 1, start + 1 + length), MARKERS.end].slice(0, SHAPE.length)).toEqual(
        wanted,
      );
    }
  });

  test('drawn ones have lengths of their own, with a decoder and without, and nothing after END', async () => {
    const { decoder: _, ...whole } = model.architecture;
    const ending = { ...options(model.architecture, FEW), ending: true };
    // As small as fresh ones: all three ids are about equally likely.
    const weights = scaled(model.weights, 1 / 6);
    const sampler = await ThoughtSampler.create(ending, weights);
    const seen = new Set<number>();
    for (let counter = 1; counter <= 4; counter++) {
      const { ids, lengths } = await sampler.sample(text, places, { ...KEY, counter });
      lengths.forEach((length, m) => {
        seen.add(length);
        const own = Array.from(ids.subarray(m * 3, m * 3 + 3));
        for (const id of own.slice(0, length)) expect([44, 45]).toContain(id);
        expect(own.slice(length)).toEqual(new Array(3 - length).fill(MARKERS.end));
      });
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3]);
    const found = await sampler.sample(text, places, KEY);
    await sampler.dispose();
    const other = { ...ending, architecture: whole };
    expect(await sampleThoughts(other, weights, text, places, KEY)).toEqual(found);
  });
});
