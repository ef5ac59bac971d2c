import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import { Generator } from '../../../nn/generation/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { stream } from '../../../nn/random/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { implementationOf } from '../../../testing/index.js';
import { tinyTitansMag } from '../../support/titans-mag.js';
import { openTestEngine } from '../../support/training.js';

const sampling = { temperature: 1, topK: null, topP: null, maxTokens: 8, stop: null };

describe('Generator', () => {
  let engine: Engine;
  let generator: Generator;
  let early: Generator;

  beforeAll(async () => {
    engine = await openTestEngine();
    const architecture = await implementationOf(ARCHITECTURE, titansMag());
    const config = tinyTitansMag({ contextLength: 64 });
    const weights = initializeWeights(architecture.describe(config), 11);
    generator = await Generator.create({ engine, architecture, config, weights });
    early = await Generator.create({ engine, architecture, config, weights, halt: () => 1 });
  });
  afterAll(async () => {
    await generator.dispose();
    await early.dispose();
    await engine.dispose();
  });

  const run = async (seed: number): Promise<number[]> => {
    const ids: number[] = [];
    for await (const { id } of generator.generate([1, 2, 3], sampling, stream(seed))) ids.push(id);
    return ids;
  };

  it('gives the same tokens for the same seed and others for another', async () => {
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('does not depend on how long the padded window is', async () => {
    // 30 ids fit the 32-token window, 40 need 64; the first 30 must give the same logits in either.
    const ids = Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
    const short = await generator.predict(ids.slice(0, 30));
    const shortAgain = await generator.predict(ids.slice(0, 30));
    expect(shortAgain.logits).toEqual(short.logits);
    const long = await generator.predict(ids);
    expect(long.logits).toHaveLength(40);
    expect(long.logits.every(Number.isFinite)).toBe(true);
  });

  it('sees only the last contextLength tokens of a longer text', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => (i * 3) % 40);
    const whole = await generator.predict(ids);
    const tail = await generator.predict(ids.slice(-64));
    expect(whole.logits).toEqual(tail.logits);
  });

  it('answers with the step that the halting rule chooses', async () => {
    const first = await early.predict([5, 6]);
    const last = await generator.predict([5, 6]);
    expect([first.steps, last.steps]).toEqual([1, 3]);
    expect(first.logits).not.toEqual(last.logits);
  });

  it('ends at the stop token without giving it', async () => {
    const greedy = { ...sampling, temperature: 0 };
    const produced: number[] = [];
    for await (const { id } of generator.generate([1], greedy, stream(1))) produced.push(id);
    const stopped: number[] = [];
    for await (const { id } of generator.generate([1], { ...greedy, stop: produced[2]! }, stream(1)))
      stopped.push(id);
    expect(stopped).toEqual(produced.slice(0, produced.indexOf(produced[2]!)));
  });
});
