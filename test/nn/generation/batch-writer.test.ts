import { ARCHITECTURE, type Architecture, type Decoder } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import {
  BatchWriters,
  continueGreedily,
  logitVariances,
  withBatchWriters,
  type GeneratorOptions,
} from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { implementationOf } from '../../../testing/index.js';
import { livelyWeights, SPECIALISED, tinyTitansMag } from '../../support/titans-mag.js';
import { openTestEngine } from '../../support/training.js';
import { counting, watching } from './engines.js';

const CONTEXT = 64;
const config = tinyTitansMag({ ...SPECIALISED, contextLength: CONTEXT });
const weightsOf = (seed: number): GeneratorOptions['weights'] => {
  const weights = livelyWeights(config, seed);
  weights['embedding.table']!.data.forEach((value, i, data) => (data[i] = value / 10));
  return weights;
};
const prompts = Array.from({ length: 6 }, (_, i) =>
  Array.from({ length: 3 + ((7 * i) % 5) }, (_unused, k) => (k * 11 + 3 * i) % 40),
);
const limits = { maxTokens: 6, stop: null, vocabulary: 40 };

describe('writers of a batch', () => {
  let engine: Engine;
  let architecture: Architecture;
  beforeAll(async () => {
    engine = await openTestEngine();
    architecture = await implementationOf(ARCHITECTURE, titansMag());
  });
  afterAll(() => engine.dispose());

  const family = (decodes: boolean): Architecture => {
    const { decoder, ...rest } = architecture;
    return decodes ? { ...rest, decoder: decoder! } : rest;
  };

  test.each([
    ['with a decoder', true],
    ['without', false],
  ])('models of one shape share what is compiled, whatever may be written, %s', async (_name, decodes) => {
    const watched = watching(engine);
    const shared = { engine: watched.engine, architecture: family(decodes), config };
    const [one, other] = [1, 2].map((seed): GeneratorOptions => ({ ...shared, weights: weightsOf(seed) }));
    const favourite = (await continueGreedily(one!, prompts, { ...limits, rows: 4 }))[0]![0]!;
    const banned = { ...limits, never: [favourite] };
    const alone: unknown[] = [];
    for (const model of [one!, other!])
      for (const each of [limits, banned, { ...limits, vocabulary: 20 }])
        alone.push(await continueGreedily(model, prompts, { ...each, rows: 4 }));
    // Whatever is mixed up would be seen.
    expect(new Set(alone.slice(0, 4).map((written) => JSON.stringify(written))).size).toBe(4);

    const before = watched.compiled();
    await withBatchWriters(4, async (writers) => {
      const [first] = [await writers.of(one!).continueGreedily(prompts, limits)];
      const needed = watched.compiled() - before;
      const together: unknown[] = [first];
      for (const each of [banned, { ...limits, vocabulary: 20 }])
        together.push(await writers.of({ ...one! }).continueGreedily(prompts, each));
      for (const each of [limits, banned, { ...limits, vocabulary: 20 }])
        together.push(await writers.of(other!).continueGreedily(prompts, each));
      expect(together).toEqual(alone);
      expect(watched.compiled() - before).toBe(needed);
      expect(writers.of({ ...one! })).toBe(writers.of(one!));
      // Samples and variances read the same logits.
      const drawn = { ...limits, temperature: 1, topK: null, topP: null };
      await writers.of(one!).sample(prompts, drawn, (i) => stream(i));
      const sampling = watched.compiled();
      await logitVariances(writers.of(other!), prompts);
      if (decodes) expect(watched.compiled()).toBe(sampling);
    });
    expect(watched.open()).toBe(0);
  });

  test('what is carried is as large as the texts need, and the texts are the same', async () => {
    const wide = { ...config, window: CONTEXT };
    const made: (number | undefined)[] = [];
    const watched = watching(engine);
    const { decoder, ...rest } = architecture;
    const noting = (whole: boolean): GeneratorOptions => {
      const carried: Decoder['carried'] = (of, rows, longest) => {
        made.push(longest);
        return decoder!.carried(of, rows, whole ? undefined : longest);
      };
      const family = { ...rest, decoder: { ...decoder!, carried } };
      return { engine: watched.engine, architecture: family, config: wide, weights: weightsOf(1) };
    };
    const long = prompts.map((ids) => [...ids, ...ids, ...ids, ...ids, ...ids]);
    const turns = [prompts, long, prompts, long];
    const write = (whole: boolean) =>
      withBatchWriters(4, async (writers) => {
        const model = noting(whole);
        const found: unknown[] = [];
        const compiled: number[] = [];
        for (const texts of turns) {
          found.push(await writers.of(model).continueGreedily(texts, { ...limits, maxTokens: 12 }));
          compiled.push(watched.compiled());
        }
        return { found, compiled };
      });
    const full = await write(true);
    made.length = 0;
    const fitted = await write(false);
    expect(fitted.found).toEqual(full.found);
    expect(new Set(made)).toEqual(new Set([32, 64]));
    // Each length has programs of its own, which stay.
    expect(fitted.compiled[1]).toBeGreaterThan(fitted.compiled[0]!);
    expect(fitted.compiled[3]).toBe(fitted.compiled[1]);
    expect(watched.open()).toBe(0);
  });

  test('windows of few widths are read without a decoder, and none beyond the context', async () => {
    const watched = watching(engine);
    const short = { ...config, contextLength: 40 };
    const widths: number[] = [];
    const { decoder: _, forward, ...rest } = architecture;
    const noting: Architecture = {
      ...rest,
      forward: (of, params, batch, options) => {
        widths.push(batch.ids.shape[1]);
        return forward(of, params, batch, options);
      },
    };
    const model = { engine: watched.engine, architecture: noting, config: short, weights: weightsOf(1) };
    const texts = [4, 9, 15, 20, 30, 34].map((length) => Array.from({ length }, (_one, k) => (7 * k) % 40));
    const alone: unknown[] = [];
    const decoded = { ...model, engine, architecture };
    for (const ids of texts) alone.push(...(await continueGreedily(decoded, [ids], { ...limits, rows: 1 })));
    await withBatchWriters(1, async (writers) => {
      expect(await writers.of(model).continueGreedily(texts, limits)).toEqual(alone);
    });
    expect(watched.compiled()).toBe(2);
    expect(new Set(widths)).toEqual(new Set([32, 40]));
    expect(watched.open()).toBe(0);
  });

  test('everything is given back when the work fails', async () => {
    const watched = watching(engine);
    const model = { engine: watched.engine, architecture, config, weights: weightsOf(1) };
    const onAnswered = (): never => {
      throw new Error('enough');
    };
    await expect(
      withBatchWriters(4, (writers) =>
        writers.of(model).continueGreedily(prompts, { ...limits, onAnswered }),
      ),
    ).rejects.toThrow('enough');
    expect(watched.compiled()).toBeGreaterThan(0);
    expect(watched.open()).toBe(0);
  });

  test.each([
    ['with a decoder', true],
    ['without', false],
  ])('each continuation ends at a length of its own, %s', async (_name, decodes) => {
    const model = { engine, architecture: family(decodes), config, weights: weightsOf(1) };
    const whole = await continueGreedily(model, prompts, { ...limits, rows: 4 });
    const lengths = [0, 3, 9, 1, 6, 2];
    const cut = await continueGreedily(model, prompts, { ...limits, rows: 4, lengths });
    expect(cut).toEqual(whole.map((ids, i) => ids!.slice(0, lengths[i])));
  });

  test('a mark that closes ends its continuation, as its last id', async () => {
    const model = { engine, architecture, config, weights: weightsOf(1) };
    const whole = await continueGreedily(model, prompts, { ...limits, rows: 4 });
    const closing = [whole[0]![2]!, whole[1]![0]!];
    const cut = await continueGreedily(model, prompts, { ...limits, rows: 4, closing });
    const expected = whole.map((ids) => {
      const end = ids!.findIndex((id) => closing.includes(id));
      return end < 0 ? ids : ids!.slice(0, end + 1);
    });
    expect(cut).toEqual(expected);
    expect(cut[1]).toHaveLength(1);
  });

  test('a prompt fits by the length of its own continuation', async () => {
    const model = { engine, architecture, config, weights: weightsOf(1) };
    const long = Array.from({ length: CONTEXT - 3 }, (_, k) => (k * 7) % 40);
    const written = await continueGreedily(model, [long, long], { ...limits, rows: 2, lengths: [3, 4] });
    expect(written.map((ids) => ids?.length ?? null)).toEqual([3, null]);
  });

  test('rows that have ended are not read on: what is left is what it would have been', async () => {
    const many = Array.from({ length: 16 }, (_, i) =>
      Array.from({ length: 2 + ((5 * i) % 7) }, (_unused, k) => (k * 7 + 5 * i) % 40),
    );
    const counted = counting(engine);
    const model = { engine: counted.engine, architecture, config, weights: weightsOf(3) };
    const whole = await continueGreedily(model, many, { ...limits, maxTokens: 12, rows: 16 });
    const all = counted.tokens();
    // Nine rows end at once, which leaves fewer than eight.
    const lengths = many.map((_, i) => (i % 16 < 9 ? 1 : 12));
    const part = await continueGreedily(model, many, { ...limits, maxTokens: 12, rows: 16, lengths });
    expect(part).toEqual(whole.map((ids, i) => ids!.slice(0, lengths[i])));
    expect(counted.tokens() - all).toBe(all - 11 * 8);
    // A batch that is half empty is one of fewer rows.
    const before = counted.tokens();
    const few = await continueGreedily(model, many.slice(0, 5), { ...limits, maxTokens: 12, rows: 16 });
    expect(few).toEqual(whole.slice(0, 5));
    expect(counted.tokens() - before).toBe(all / 2);
    // The next batch has all rows again.
    const writers = new BatchWriters(16);
    const writer = writers.of(model);
    const options = { ...limits, maxTokens: 12 };
    await writer.continueGreedily(many, { ...options, lengths });
    expect(await writer.continueGreedily(many, options)).toEqual(whole);
    await writers.dispose();
  });
});
