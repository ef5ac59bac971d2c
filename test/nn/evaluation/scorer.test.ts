import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import { ENGINE, type Engine } from '../../../core/contracts/engine.js';
import {
  evaluationSet,
  flopsPerTokenAtStep,
  Forwards,
  Scorer,
  type ScoredDocument,
} from '../../../nn/evaluation/index.js';
import { continueGreedily, Generator } from '../../../nn/generation/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { stream } from '../../../nn/random/index.js';
import { createTrainer, specsOf } from '../../../nn/training/index.js';
import { onnxruntime, tfjs, titansMag, muGrokfast } from '../../../plugins/index.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { implementationOf } from '../../../testing/index.js';
import { tinyTitansMag } from '../../support/titans-mag.js';

const LENGTH = 16;
const config = tinyTitansMag({ dropout: 0 });

function documents(sizes: readonly number[], answers = true): ScoredDocument[] {
  return sizes.map((size, d) => {
    const random = stream(d, 'document');
    const ids = Int32Array.from({ length: size }, () => random.integer(40));
    const lossMask = new Uint8Array(size).fill(1);
    lossMask[0] = 0;
    return { ids, lossMask, answerStart: answers ? size - 2 : null };
  });
}

async function subject() {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const tensors = architecture.describe(config);
  const weights = initializeWeights(tensors, 3);
  // Untrained heads hardly tell tokens apart; these do.
  for (const value of Object.values(weights)) value.data.forEach((x, i) => (value.data[i] = 3 * x));
  return { architecture, tensors, weights, specs: specsOf(weights), config };
}

describe('scoring whole documents', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await (await implementationOf(ENGINE, onnxruntime({ threads: 1 }))).open();
  });
  afterAll(() => engine.dispose());

  async function scorer(set: { rows: number; length: number }) {
    const model = await subject();
    const state = await engine.createState(model.weights);
    return { model, scorer: await Scorer.create(engine, model, state, [set.rows, set.length]) };
  }

  test('the last step gives the loss that training evaluates', async () => {
    const set = evaluationSet(documents([9, 16, 5, 7, 12, 3]), { rows: 2, length: LENGTH, padId: 0 });
    const { model, scorer: scores } = await scorer(set);
    const optimizer = await implementationOf(OPTIMIZER, muGrokfast());
    const options = {
      engine,
      model: { ...model, optimizer, objective: nextToken() },
      shape: set,
      accumulation: 1,
      clipNorm: 1,
      seed: 1,
    };
    const trainer = await createTrainer(options, model.weights);
    const { crossEntropy, targets } = await trainer.evaluate('param', set.batches);
    const score = await scores.score(set);
    expect(score.targets).toBe(targets);
    expect(score.nll / score.targets).toBeCloseTo(crossEntropy, 4);
    expect(score.tokensAtStep).toEqual([0, 0, 52]);
    await trainer.dispose();
  });

  test('documents do not depend on their neighbours', async () => {
    const all = documents([9, 6, 10, 4]);
    const set = evaluationSet(all, { rows: 1, length: LENGTH, padId: 0 });
    const { scorer: scores } = await scorer(set);
    let alone = 0;
    for (const document of all) {
      alone += (await scores.score(evaluationSet([document], { rows: 1, length: LENGTH, padId: 0 }))).nll;
    }
    expect((await scores.score(set)).nll).toBeCloseTo(alone, 3);
  });

  test('each document is answered at the step that its halting probabilities choose', async () => {
    const set = evaluationSet(documents([9, 16, 5]), { rows: 2, length: LENGTH, padId: 0 });
    const { scorer: scores } = await scorer(set);
    const seen: number[] = [];
    const mixed = await scores.score(set, ([first]) => (seen.push(first!) === 2 ? 1 : 2));
    expect(seen).toHaveLength(3);
    expect(seen.every((q) => q > 0 && q < 1)).toBe(true);
    expect(mixed.tokensAtStep.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(mixed.tokensAtStep[2]).toBe(0);
    const atOne = await scores.score(set, () => 1);
    const atTwo = await scores.score(set, () => 2);
    expect(mixed.nll).toBeGreaterThan(Math.min(atOne.nll, atTwo.nll));
    expect(mixed.nll).toBeLessThan(Math.max(atOne.nll, atTwo.nll));
  });

  test('an answer is right when every token of it is, and its probability is their product', async () => {
    const { model, scorer: scores } = await scorer({ rows: 1, length: LENGTH });
    const [prompt] = documents([8], false);
    const generator = await Generator.create({ engine, ...model });
    const ids = [...prompt!.ids];
    for (let i = 0; i < 3; i++) {
      const { logits } = await generator.predict(ids);
      ids.push(logits.indexOf(Math.max(...logits)));
    }
    await generator.dispose();
    const greedy = (last: number): ScoredDocument => ({
      ids: Int32Array.from([...ids.slice(0, -1), last]),
      lossMask: new Uint8Array(11).fill(1),
      answerStart: 8,
    });
    const shape = { rows: 1, length: LENGTH, padId: 0 };
    const right = await scores.score(evaluationSet([greedy(ids.at(-1)!)], shape));
    const wrong = await scores.score(evaluationSet([greedy((ids.at(-1)! + 1) % 40)], shape));
    expect([right.answers, right.correctAnswers]).toEqual([1, 1]);
    expect([wrong.answers, wrong.correctAnswers]).toEqual([1, 0]);
    expect(right.expectedAnswers).toBeGreaterThan(wrong.expectedAnswers);
    const answerOnly = {
      ...greedy(ids.at(-1)!),
      lossMask: Uint8Array.from({ length: 11 }, (_, i) => (i < 8 ? 0 : 1)),
    };
    const { nll } = await scores.score(evaluationSet([answerOnly], shape));
    expect(right.expectedAnswers).toBeCloseTo(Math.exp(-nll), 6);
  });

  test('later steps cost more operations, and an engine that does not count says so', async () => {
    const model = await subject();
    const flops = await flopsPerTokenAtStep(
      new Forwards(engine, model, await engine.createState(model.weights)),
      LENGTH,
    );
    expect(flops).toHaveLength(3);
    expect(flops![0]!).toBeGreaterThan(0);
    expect(flops![1]! - flops![0]!).toBeGreaterThan(0);
    expect(flops![2]! - flops![1]!).toBeCloseTo(flops![1]! - flops![0]!, 6);
    const eager = await (await implementationOf(ENGINE, tfjs({ backend: 'cpu' }))).open();
    expect(
      await flopsPerTokenAtStep(new Forwards(eager, model, await eager.createState(model.weights)), LENGTH),
    ).toBeNull();
    await eager.dispose();
  });

  test('greedy continuations of a batch are those of one at a time', async () => {
    const model = {
      engine,
      ...(await subject()),
      halt: ([first]: readonly number[]) => (first! > 0.007 ? 1 : 2),
    };
    const prompts = documents([3, 7, 5], false).map(({ ids }) => [...ids]);
    const options = { rows: 2, maxTokens: 6, stop: 7, vocabulary: 38 };
    const batch = await continueGreedily(model, [...prompts, Array.from({ length: 30 }, () => 1)], options);
    const generator = await Generator.create(model);
    for (const [i, prompt] of prompts.entries()) {
      const alone: number[] = [];
      const sampling = { temperature: 0, topK: null, topP: null, maxTokens: 6, stop: 7, vocabulary: 38 };
      for await (const { id } of generator.generate(prompt, sampling, stream(1, 'greedy'))) alone.push(id);
      expect(batch[i]).toEqual(alone);
    }
    await generator.dispose();
    // Prompt and answer would not fit into the 32 tokens that the model reads.
    expect(batch[3]).toBeNull();
  });
});
