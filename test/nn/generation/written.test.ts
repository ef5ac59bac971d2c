import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import type { ToolFacts } from '../../../core/contracts/tool.js';
import { answerQuestions } from '../../../nn/evaluation/index.js';
import {
  answerWithTools,
  completeText,
  generateCalling,
  Generator,
  generatePieces,
  generateThinking,
  withBatchWriters,
  writableIds,
  type GeneratorOptions,
  type ThinkingItem,
} from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';
import { ToolRuntime } from '../../../nn/tools/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { implementationOf } from '../../../testing/index.js';
import { livelyWeights, tinyTitansMag } from '../../support/titans-mag.js';
import { openTestEngine } from '../../support/training.js';

const config = tinyTitansMag({ contextLength: 48 });
const weights = livelyWeights(config, 11);
// Logits of size 5, not 50: what is sampled shall vary.
weights['embedding.table']!.data.forEach((value, i, data) => (data[i] = value / 10));

/** Ids spelt as numbers; of 40 the `added` ones are no text. */
function numbers(added: readonly number[]): Tokenizer {
  return {
    vocabularySize: 40,
    special: { pad: null, bos: 1, eos: null, unk: null, mask: null },
    extended: new Map(added.map((id) => [`<${id}>`, id])),
    encode: (text) => Array.from(text, (_, i) => 2 + i),
    decode: (ids) => Array.from(ids, (id) => ` ${id}`).join(''),
    serialize: () => '{}',
  };
}
const spelt = (text: string): number[] => text.trim().split(' ').map(Number);

let engine: Engine;
let architecture: Architecture;
beforeAll(async () => {
  engine = await openTestEngine();
  architecture = await implementationOf(ARCHITECTURE, titansMag());
});
afterAll(() => engine.dispose());
const model = (): GeneratorOptions => ({ engine, architecture, config, weights });

const greedy = { temperature: 0, topK: null, topP: null, maxTokens: 12, seed: 1 };

test('texts and free answers are made of no token that was added for thoughts, though it be the likeliest', async () => {
  const write = async (tokenizer: Tokenizer): Promise<number[]> => {
    const generator = await Generator.create(model());
    const text = await completeText(generator, tokenizer, 'abc', greedy);
    await generator.dispose();
    return spelt(text);
  };
  const answer = async (tokenizer: Tokenizer): Promise<number[]> => {
    const answers: string[] = [];
    const dataset = { grade: () => true } as never;
    const record = { text: '', input: 'abc', output: 'd' } as never;
    await answerQuestions(model(), tokenizer, [{ dataset, record, prompt: [1, 2, 3, 4] }], {
      ...{ rows: 1, maxTokens: 12, onAnswer: (_, text) => void answers.push(text) },
    });
    return spelt(answers[0]!);
  };
  const liked = await write(numbers([]));
  expect(await answer(numbers([]))).toEqual(liked);
  const instead = await write(numbers(liked));
  expect(instead).toHaveLength(12);
  expect(instead.filter((id) => liked.includes(id) || id === 1)).toEqual([]);
  expect(await answer(numbers(liked))).toEqual(instead);
});

describe('thoughts of a model', () => {
  const [START, END, TAG] = [37, 38, 39];
  const tokenizer = numbers([START, END, TAG]);
  const thinking = { start: START, end: END, tags: [TAG], length: 4, threshold: 0.6, minInterval: 2 };
  const write = async (options: GeneratorOptions, threshold: number): Promise<ThinkingItem[]> => {
    const generator = await Generator.create(options);
    const settings = { ...greedy, temperature: 1, ...writableIds(tokenizer), maxTokens: 30, stop: null };
    const items: ThinkingItem[] = [];
    const thoughtful = { ...settings, thinking: { ...thinking, threshold } };
    for await (const item of generateThinking(generator, [1, 5, 9], thoughtful, stream(3))) items.push(item);
    await generator.dispose();
    return items;
  };

  it('are the same with a decoder as without, beyond the context as well', async () => {
    const { decoder: _, ...window } = architecture;
    const items = await write(model(), 0.6);
    const marks = items.filter(({ id }) => id === START).length;
    expect(marks).toBeGreaterThan(2);
    expect(items.length).toBeGreaterThan(48);
    // A window ends with the context; a decoder of this family does not.
    const within = items.slice(0, 40);
    expect((await write({ ...model(), architecture: window }, 0.6)).slice(0, 40)).toEqual(within);
  });

  it('are none at a threshold that no token reaches: then the text is what it is without', async () => {
    const generator = await Generator.create(model());
    const settings = { ...greedy, temperature: 1, ...writableIds(tokenizer), maxTokens: 30, stop: null };
    const plain: object[] = [];
    for await (const item of generator.generate([1, 5, 9], settings, stream(3)))
      plain.push({ kind: 'text', ...item });
    await generator.dispose();
    expect(await write(model(), 1)).toEqual(plain);
  });

  it('are pieces of their own, each spelt from its beginning', async () => {
    const generator = await Generator.create(model());
    const options = { ...greedy, temperature: 1, maxTokens: 20, thinking };
    const tokens: ThinkingItem[] = [];
    let written = '';
    const observer = { onToken: (item: ThinkingItem) => void tokens.push(item) };
    for await (const { kind, text } of generatePieces(generator, tokenizer, 'abc', options, observer))
      written += kind === 'thought' ? `(${text})` : text;
    await generator.dispose();
    const ids = tokens.map(({ kind, id }) => (kind === 'thought' ? `( ${id})` : ` ${id}`)).join('');
    expect(written).toBe(ids);
    expect(written).toContain(`( ${START})`);
  });
});

test('a batch writes the same calls as one text at a time', async () => {
  const prompts = [
    [1, 2, 3, 4],
    [5, 6, 7],
    [8, 9, 10, 11, 12],
  ];
  const tokenizer = numbers([]);
  const limits = { ...writableIds(tokenizer), maxTokens: 6, stop: null };
  const plain = await withBatchWriters(2, (writers) => writers.of(model()).continueGreedily(prompts, limits));
  // What it likes to write closes a call, so that there are some; they were never opened, and fail.
  const close = plain[0]![2]!;
  const rare = [20, 21, 22, 23, 24].filter((id) => id !== close);
  const [open, between, result, end] = rare as [number, number, number, number];
  const facts: ToolFacts = {
    tags: {
      '<|tool|>': open,
      '<|args|>': between,
      '<|/tool|>': close,
      '<|result|>': result,
      '<|/result|>': end,
    },
    ...{ names: { calculator: 25 === close ? 26 : 25 }, most_arguments: 4, most_calls: 2 },
  };
  const calling = { facts, tokenizer: numbers([...Object.values(facts.tags), facts.names['calculator']!]) };
  const [together, alone] = [new ToolRuntime(new Map()), new ToolRuntime(new Map())];
  const batch = await withBatchWriters(2, (writers) =>
    answerWithTools(writers.of(model()), prompts, { ...calling, runtime: together, maxTokens: 9 }),
  );
  const generator = await Generator.create(model());
  const single: number[][] = [];
  for (const prompt of prompts) {
    const options = { ...greedy, ...writableIds(calling.tokenizer), maxTokens: 9, stop: null };
    const ids: number[] = [];
    const items = generateCalling(
      generator,
      prompt,
      { ...options, calling: { ...calling, runtime: alone } },
      stream(1),
    );
    for await (const { id } of items) ids.push(id);
    single.push(ids);
  }
  await generator.dispose();
  expect(batch.map((answer) => answer?.ids)).toEqual(single);
  expect(alone.counts).toEqual(together.counts);
  expect(together.counts.failed).toBeGreaterThan(0);
});
