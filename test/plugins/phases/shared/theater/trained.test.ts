import { ARCHITECTURE, type Architecture } from '../../../../../core/contracts/architecture.js';
import type { Engine } from '../../../../../core/contracts/engine.js';
import { OPTIMIZER } from '../../../../../core/contracts/optimizer.js';
import {
  answerInArms,
  modelWriter,
  sampleThoughts,
  type ThoughtItem,
} from '../../../../../nn/evaluation/index.js';
import { BatchWriters, logitVariances, type GeneratorOptions } from '../../../../../nn/generation/index.js';
import { initializeWeights } from '../../../../../nn/models/index.js';
import { nextToken } from '../../../../../nn/objectives/index.js';
import { stream, type CounterStream } from '../../../../../nn/random/index.js';
import { createTrainer, type HostBatch } from '../../../../../nn/training/index.js';
import { llama } from '../../../../../plugins/architectures/llama/index.js';
import { adamW } from '../../../../../plugins/optimizers/adamw/index.js';
import { theaterReport, type TheaterReport } from '../../../../../plugins/phases/shared/theater/index.js';
import { completeHyperparameters, implementationOf, tinyLlama } from '../../../../../testing/index.js';
import { idWords } from '../../../../support/thinkers.js';
import { openTestEngine } from '../../../../support/training.js';

/**
 * Small models that are really trained, for a second or two: a question is three digits, its answer the first of them,
 * a thought the three of them the other way round. 0 ends a text, 13 is a full stop, 14 and 15 are the marks.
 */
const DIGITS = 12;
const STOP = 13;
const MARKS = { start: 14, end: 15 };
const ROWS = 64;
const LENGTH = 12;
const STEPS = 70;

/** A text to learn, and its first id that is to be predicted. */
interface Lesson {
  readonly ids: readonly number[];
  readonly from: number;
}
type Teacher = (random: CounterStream) => Lesson;

function digits(random: CounterStream): [number, number, number] {
  const one = (): number => 1 + random.integer(DIGITS);
  return [one(), one(), one()];
}

/** To think the digits backwards, and to answer what was thought last, though it be another question's thought. */
const listening: Teacher = (random) => {
  const [a, b, c] = digits(random);
  const own = random.uniform() < 0.5;
  const thought = own ? [c, b, a] : digits(random);
  return { ids: [a, b, c, MARKS.start, ...thought, MARKS.end, thought[2]!, 0], from: own ? 4 : 8 };
};

/** To think whatever it likes, and to answer by the question, straight away or after the thought. */
const pretending: Teacher = (random) => {
  const [a, b, c] = digits(random);
  if (random.uniform() < 0.5) return { ids: [a, b, c, a, 0], from: 3 };
  return { ids: [a, b, c, MARKS.start, ...digits(random), MARKS.end, a, 0], from: 4 };
};

const direct: Teacher = (random) => {
  const [a, b, c] = digits(random);
  return { ids: [a, b, c, a, 0], from: 3 };
};

function batchOf(lessons: readonly Lesson[]): HostBatch {
  const ids = new Int32Array(ROWS * LENGTH);
  const targets = new Int32Array(ROWS * LENGTH).fill(-100);
  lessons.forEach((lesson, row) => {
    ids.set(lesson.ids, row * LENGTH);
    targets.set(lesson.ids.slice(lesson.from), row * LENGTH + lesson.from - 1);
  });
  return { ids, targets, segments: new Int32Array(ids.length) };
}

function questions(count: number): ThoughtItem[] {
  const random = stream(99, 'questions');
  return Array.from({ length: count }, () => {
    const promptIds = digits(random);
    return { promptIds, grade: (answer) => answer === String(promptIds[0]) };
  });
}

describe('models that were trained', () => {
  let engine: Engine;
  let architecture: Architecture;
  let config: unknown;
  beforeAll(async () => {
    engine = await openTestEngine();
    architecture = await implementationOf(ARCHITECTURE, llama());
    const sizes = { vocabularySize: 16, hiddenSize: 32, ffn: 64 };
    config = await completeHyperparameters(architecture, tinyLlama(sizes));
  });
  afterAll(() => engine.dispose());

  async function taught(teacher: Teacher): Promise<GeneratorOptions> {
    const tensors = architecture.describe(config);
    const optimizer = await implementationOf(
      OPTIMIZER,
      adamW({ learningRate: 0.01, beta2: 0.95, weightDecay: 0 }),
    );
    const model = { architecture, config, tensors, optimizer, objective: nextToken() };
    const shape = { rows: ROWS, length: LENGTH };
    const options = { engine, model, shape, accumulation: 1, clipNorm: 1, seed: 5 };
    const trainer = await createTrainer(options, initializeWeights(tensors, 3));
    for (let step = 1; step <= STEPS; step++) {
      const random = stream(step, 'lessons');
      const batch = batchOf(Array.from({ length: ROWS }, () => teacher(random)));
      await trainer.step([batch], { step, learningRateScale: 1, emaDecay: 0.9 });
    }
    const weights = await trainer.weights('param');
    await trainer.dispose();
    return { engine, architecture, config, weights };
  }

  async function judged(model: GeneratorOptions, control: GeneratorOptions): Promise<TheaterReport> {
    const items = questions(500);
    const writers = new BatchWriters(ROWS);
    const writer = modelWriter(writers.of(model));
    const options = {
      tokenizer: { ...idWords, encode: () => [STOP] },
      marks: MARKS,
      ordinary: STOP + 1,
      thoughtTokens: 5,
      answerTokens: 3,
      seed: 7,
    };
    const arms = await answerInArms(writer, items, { ...options, control: modelWriter(writers.of(control)) });
    const prompts = items.slice(0, 8).map(({ promptIds }) => promptIds);
    const samples = (await sampleThoughts(writer, prompts, 4, options)).map((own) => own!);
    const [outputVariance] = await logitVariances(writers.of(model), prompts.slice(0, 1));
    await writers.dispose();
    return theaterReport({ arms, samples, outputVariance: outputVariance! }, { resamples: 100 });
  }

  test('one that listens to its thought profits from it, one that pretends does not', async () => {
    const control = await taught(direct);
    const [listener, pretender] = [await taught(listening), await taught(pretending)];
    const [useful, theater] = [await judged(listener, control), await judged(pretender, control)];
    const ablation = (report: TheaterReport): unknown =>
      report.tests.find(({ name }) => name === 'T2_ablation');
    const right = ({ accuracy }: TheaterReport): number => accuracy.with!.value;

    expect(ablation(useful)).toMatchObject({ passed: true, reason: null });
    expect(right(useful)).toBeGreaterThan(0.9);
    expect(useful.accuracy.other!.value).toBeLessThan(0.3);
    expect(useful.tests.find(({ name }) => name === 'T6_repetition')).toMatchObject({ passed: true });
    expect(useful.tests.find(({ name }) => name === 'T6_variance')).toMatchObject({ passed: true });

    // It answers after a thought what it would answer after anybody's.
    expect(ablation(theater)).toMatchObject({
      passed: false,
      reason: expect.stringMatching(/not surely better than (other|random)/) as string,
    });
    expect(right(theater)).toBeGreaterThan(0.3);
    expect(Math.abs(theater.comparisons.other!.difference.value)).toBeLessThan(0.1);
  });
});
