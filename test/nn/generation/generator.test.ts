import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import {
  BatchWriters,
  continueGreedily,
  generateBatch,
  Generator,
  logitVariances,
  type GeneratorOptions,
} from '../../../nn/generation/index.js';
import { endOfText } from '../../../nn/generation/text-reader.js';
import { stream } from '../../../nn/random/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { implementationOf } from '../../../testing/index.js';
import { largestDifference } from '../../support/close.js';
import { livelyWeights, SPECIALISED, tinyTitansMag } from '../../support/titans-mag.js';
import { openTestEngine } from '../../support/training.js';
import { counting, failing } from './engines.js';

const sampling = { temperature: 1, topK: null, topP: null, maxTokens: 8, stop: null };
const greedy = { ...sampling, temperature: 0 };
const CONTEXT = 64;
const config = tinyTitansMag({ ...SPECIALISED, contextLength: CONTEXT });
const weights = livelyWeights(config, 11);
// Logits of size 5, not 50: what is sampled shall vary.
weights['embedding.table']!.data.forEach((value, i, data) => (data[i] = value / 10));

describe('Generator', () => {
  let engine: Engine;
  let architecture: Architecture;
  let opened: Generator[];

  beforeAll(async () => {
    engine = await openTestEngine();
    architecture = await implementationOf(ARCHITECTURE, titansMag());
  });
  beforeEach(() => {
    opened = [];
  });
  afterEach(async () => {
    for (const generator of opened) await generator.dispose();
  });
  afterAll(() => engine.dispose());

  const model = (): GeneratorOptions => ({ engine, architecture, config, weights });
  /** The same family as a third party writes it that has no decoder. */
  const withoutDecoder = (): GeneratorOptions => {
    const { decoder: _, ...rest } = architecture;
    return { ...model(), architecture: rest };
  };
  const open = async (options: GeneratorOptions): Promise<Generator> => {
    const generator = await Generator.create(options);
    opened.push(generator);
    return generator;
  };
  const write = async (
    generator: Generator,
    prompt: readonly number[],
    options: Parameters<Generator['generate']>[1],
    seed = 1,
  ): Promise<number[]> => {
    const ids: number[] = [];
    for await (const { id } of generator.generate(prompt, options, stream(seed))) ids.push(id);
    return ids;
  };

  describe.each([
    ['with a decoder', model],
    ['without', withoutDecoder],
  ])('%s', (_name, options) => {
    it('compiles anew what did not compile', async () => {
      const generator = await open({ ...options(), engine: failing(engine, 1).engine });
      await expect(generator.predict([1, 2])).rejects.toThrow('no memory');
      const other = await open(options());
      expect((await generator.predict([1, 2])).logits).toEqual((await other.predict([1, 2])).logits);
    });

    it('gives its state back when nothing ever compiled', async () => {
      const { engine: broken, given } = failing(engine, Infinity);
      const generator = await Generator.create({ ...options(), engine: broken });
      await expect(generator.predict([1, 2])).rejects.toThrow('no memory');
      expect(given()).toBe(0);
      await generator.dispose();
      expect(given()).toBe(1);
    });

    it('gives the same tokens for the same seed and others for another', async () => {
      const generator = await open(options());
      const first = await write(generator, [1, 2, 3], sampling, 1);
      expect(await write(generator, [1, 2, 3], sampling, 2)).not.toEqual(first);
      expect(await write(generator, [1, 2, 3], sampling, 1)).toEqual(first);
    });

    it('sees only the last contextLength tokens of a longer text', async () => {
      const generator = await open(options());
      const ids = Array.from({ length: 100 }, (_, i) => (i * 3) % 40);
      const whole = await generator.predict(ids);
      const tail = await generator.predict(ids.slice(-CONTEXT));
      expect(whole.logits).toEqual(tail.logits);
      expect(whole.logits).toHaveLength(40);
    });

    it('answers with the step that the halting rule chooses', async () => {
      const rule = (probabilities: readonly number[]): number => {
        expect(probabilities).toHaveLength(3);
        for (const q of probabilities) expect(q > 0 && q < 1).toBe(true);
        return 1;
      };
      const first = await (await open({ ...options(), halt: rule })).predict([5, 6]);
      const last = await (await open(options())).predict([5, 6]);
      expect([first.steps, last.steps]).toEqual([1, 3]);
      expect(first.logits).not.toEqual(last.logits);
    });

    it('ends at the stop token without giving it', async () => {
      const generator = await open(options());
      const produced = await write(generator, [1], greedy);
      const stopped = await write(generator, [1], { ...greedy, stop: produced[2]! });
      expect(stopped).toEqual(produced.slice(0, produced.indexOf(produced[2]!)));
    });

    it('never chooses an id beyond the vocabulary', async () => {
      const generator = await open(options());
      const ids = await write(generator, [1], { ...sampling, maxTokens: 30, vocabulary: 5 });
      expect(Math.max(...ids)).toBeLessThan(5);
    });

    it('never chooses an id that is not written', async () => {
      const generator = await open(options());
      const never = [0, 2, 3];
      const ids = await write(generator, [1], { ...sampling, maxTokens: 30, vocabulary: 5, never });
      expect(new Set(ids)).toEqual(new Set([1, 4]));
      expect(await write(generator, [1], { ...greedy, vocabulary: 5, never: [0, 1, 2, 3] })).toEqual(
        Array(8).fill(4),
      );
    });
  });

  it('writes the same with a decoder as without', async () => {
    const [carried, window] = [await open(model()), await open(withoutDecoder())];
    for (const [i, length] of [1, 2, 9, 20, 40].entries()) {
      const prompt = Array.from({ length }, (_, k) => (k * 7 + i) % 40);
      const options = { ...(i % 2 === 0 ? greedy : sampling), maxTokens: 20 };
      expect(await write(carried, prompt, options, i)).toEqual(await write(window, prompt, options, i));
      const [a, b] = [await carried.predict(prompt), await window.predict(prompt)];
      expect(largestDifference(a.logits, b.logits)).toBeLessThan(1e-5);
    }
  });

  it('reads a token for a token, and only what is new of a text that goes on', async () => {
    const { engine: counted, tokens } = counting(engine);
    const generator = await open({ ...model(), engine: counted });
    const prompt = [3, 1, 4, 1, 5, 9, 2, 6];
    const answer = await write(generator, prompt, { ...greedy, maxTokens: 10 });
    expect(tokens()).toBe(8 + 9);
    // The last token was chosen and not read; the next turn has seven more.
    const turn = [...prompt, ...answer, 2, 7, 1, 8, 2, 8, 1];
    const found = await generator.predict(turn);
    expect(tokens()).toBe(8 + 9 + 8);
    const anew = await (await open(model())).predict(turn);
    expect(largestDifference(found.logits, anew.logits)).toBeLessThan(1e-5);
  });

  it('writes several texts at the same time as if each were alone', async () => {
    const { engine: counted, tokens } = counting(engine);
    const generator = await open({ ...model(), engine: counted });
    const prompts = [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ];
    const alone: number[][] = [];
    for (const [i, prompt] of prompts.entries()) alone.push(await write(generator, prompt, sampling, i));
    const before = tokens();
    expect(await Promise.all(prompts.map((prompt, i) => write(generator, prompt, sampling, i)))).toEqual(
      alone,
    );
    // Each prompt is read once, as when it is written alone.
    expect(tokens() - before).toBe(before);
  });

  it('writes on beyond the context', async () => {
    const generator = await open(model());
    const ids = await write(generator, [1, 2, 3], { ...sampling, maxTokens: 2 * CONTEXT });
    expect(ids).toHaveLength(2 * CONTEXT);
    // A model that can read no further goes on from the end of the text.
    const decoder = { ...architecture.decoder!, limit: () => 16 };
    const { engine: counted, tokens } = counting(engine);
    const limited = await open({ ...model(), engine: counted, architecture: { ...architecture, decoder } });
    expect(await write(limited, [1, 2, 3], { ...sampling, maxTokens: 14 })).toEqual(ids.slice(0, 14));
    const long = await write(limited, [1, 2, 3], { ...sampling, maxTokens: 60 });
    expect(long).toHaveLength(60);
    expect(tokens()).toBeLessThan(14 * 8 + 60 * 8);
  });

  it('reads a text anew after a failure', async () => {
    const generator = await open(model());
    const expected = await generator.predict([4, 5, 6, 7]);
    await generator.predict([1]);
    await expect(generator.predict([1, 2, 4000])).rejects.toMatchObject({ code: 'AF_ENGINE_INPUT' });
    expect((await generator.predict([4, 5, 6, 7])).logits).toEqual(expected.logits);
  });
});

test('the end of a text moves by quarters of what can be read', () => {
  const text = Array.from({ length: 40 }, (_, i) => i);
  const startAt = (length: number): number => endOfText(text.slice(0, length), 16)[0]!;
  expect([1, 16, 17, 20, 21, 24, 25, 40].map(startAt)).toEqual([0, 0, 4, 4, 8, 8, 12, 24]);
  expect(endOfText(text, 1)).toEqual([39]);
});

describe('continuing many prompts', () => {
  let engine: Engine;
  let architecture: Architecture;
  beforeAll(async () => {
    engine = await openTestEngine();
    architecture = await implementationOf(ARCHITECTURE, titansMag());
  });
  afterAll(() => engine.dispose());

  const prompts = [3, 1, 7, 12, 2, 60].map((length, i) =>
    Array.from({ length }, (_, k) => (k * 11 + 3 * i) % 40),
  );
  const limits = { rows: 4, maxTokens: 9, stop: null, vocabulary: 39 };
  const halt = (probabilities: readonly number[]): number =>
    1 +
    Math.max(
      0,
      probabilities.findIndex((q) => q > 0.2),
    );

  /** One at a time, by the generator. */
  async function oneByOne(
    options: GeneratorOptions,
    temperature: number,
    stop: number | null,
    never: readonly number[] = [],
  ): Promise<(number[] | null)[]> {
    const generator = await Generator.create(options);
    const results: (number[] | null)[] = [];
    for (const [i, prompt] of prompts.entries()) {
      const ids: number[] = [];
      const settings = { ...sampling, ...limits, temperature, stop, never };
      for await (const { id } of generator.generate(prompt, settings, stream(i))) ids.push(id);
      results.push(prompt.length + limits.maxTokens > CONTEXT ? null : ids);
    }
    await generator.dispose();
    return results;
  }

  test.each([
    ['with a decoder', true],
    ['without', false],
  ])('gives what each gives alone, %s', async (_name, decodes) => {
    const { decoder, ...rest } = architecture;
    const family: Architecture = decodes ? { ...rest, decoder: decoder! } : rest;
    const model: GeneratorOptions = { engine, architecture: family, config, weights, halt };
    const whole = await continueGreedily(model, prompts, limits);
    expect(whole).toEqual(await oneByOne(model, 0, null));
    expect(whole.map((ids) => ids?.length)).toEqual([9, 9, 9, 9, 9, undefined]);
    const stop = whole[1]![4]!;
    const stopped = await continueGreedily(model, prompts, { ...limits, stop });
    expect(stopped).toEqual(await oneByOne(model, 0, stop));
    expect(stopped[1]).toEqual(whole[1]!.slice(0, whole[1]!.indexOf(stop)));
    const drawn = await generateBatch(model, prompts, { ...sampling, ...limits }, (i) => stream(i));
    expect(drawn).toEqual(await oneByOne(model, 1, null));
    // The most likely of what may be written, when what was written may not.
    const never = [...new Set(whole.flatMap((ids) => ids ?? []))];
    const others = await continueGreedily(model, prompts, { ...limits, never });
    expect(others).toEqual(await oneByOne(model, 0, null, never));
    expect(others.flatMap((ids) => ids ?? []).filter((id) => never.includes(id))).toEqual([]);
  });

  test.each([
    ['with a decoder', true],
    ['without', false],
  ])('never chooses what is never, and the next best in its place, %s', async (_name, decodes) => {
    const { decoder, ...rest } = architecture;
    const family: Architecture = decodes ? { ...rest, decoder: decoder! } : rest;
    const model: GeneratorOptions = { engine, architecture: family, config, weights, halt };
    const whole = (await continueGreedily(model, prompts, limits)).flatMap((ids) => ids ?? []);
    expect(await continueGreedily(model, prompts, { ...limits, never: [] })).toEqual(
      await continueGreedily(model, prompts, limits),
    );
    // The id that is chosen most, and one beyond the vocabulary, which is never chosen anyhow.
    const count = (id: number): number => whole.filter((other) => other === id).length;
    const favourite = whole.reduce((best, id) => (count(id) > count(best) ? id : best));
    const never = [favourite, limits.vocabulary];
    const generator = await Generator.create(model);
    const written = await continueGreedily(model, prompts, { ...limits, never });
    for (const [i, ids] of written.entries()) {
      for (const [t, id] of (ids ?? []).entries()) {
        const { logits } = await generator.predict([...prompts[i]!, ...ids!.slice(0, t)]);
        const allowed = Array.from(logits.subarray(0, limits.vocabulary).keys()).filter(
          (k) => k !== favourite,
        );
        expect(id).toBe(allowed.reduce((best, k) => (logits[k]! > logits[best]! ? k : best)));
      }
    }
    await generator.dispose();
    const few = Array.from({ length: limits.vocabulary - 2 }, (_, id) => id + 2);
    const drawn = await generateBatch(model, prompts, { ...sampling, ...limits, never: few }, (i) =>
      stream(i),
    );
    expect(new Set(drawn.flatMap((ids) => ids ?? []))).toEqual(new Set([0, 1]));
  });

  test.each([
    ['with a decoder', true],
    ['without', false],
  ])('the variance of the logits after each text is that of the logits, %s', async (_name, decodes) => {
    const { decoder, ...rest } = architecture;
    const family: Architecture = decodes ? { ...rest, decoder: decoder! } : rest;
    const model: GeneratorOptions = { engine, architecture: family, config, weights, halt };
    const generator = await Generator.create(model);
    const expected: number[] = [];
    for (const prompt of prompts) {
      const logits = Array.from((await generator.predict(prompt)).logits);
      const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
      expected.push(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length);
    }
    await generator.dispose();
    const writers = new BatchWriters(4);
    const variances = await logitVariances(writers.of(model), prompts);
    expect(variances).toHaveLength(prompts.length);
    expect(largestDifference(variances, expected)).toBeLessThan(1e-4);
    expect(await logitVariances(writers.of(model), [])).toEqual([]);
    await writers.dispose();
  });
});
