import { ARCHITECTURE, type Architecture } from '../../../../core/contracts/architecture.js';
import type { Engine } from '../../../../core/contracts/engine.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { THOUGHT_TAGS } from '../../../../core/contracts/thoughts.js';
import { TOKENIZER, type Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { Generator } from '../../../../nn/generation/index.js';
import { initializeWeights, tokenizerFacts } from '../../../../nn/models/index.js';
import { byteBpe, llama, titansMag } from '../../../../plugins/index.js';
import { growModel, storeTokenizer } from '../../../../plugins/phases/shared/model/grow.js';
import type { LiveModel, OwnTokenizer } from '../../../../plugins/phases/shared/model/open.js';
import {
  artifactRef,
  completeHyperparameters,
  implementationOf,
  memoryStore,
} from '../../../../testing/index.js';
import { tinyTitansMag } from '../../../support/titans-mag.js';
import { openTestEngine } from '../../../support/training.js';

const TEXTS = ['the fox---the hare---the end', 'one---two', 'and so on---and on'];
const PROMPT = [5, 70, 12, 9];

let engine: Engine;
let tokenizer: Tokenizer;
beforeAll(async () => {
  engine = await openTestEngine();
  const kind = await implementationOf(TOKENIZER, byteBpe());
  tokenizer = await kind.train(TEXTS, { vocabularySize: 290 });
});
afterAll(() => engine.dispose());

const own = (of: Tokenizer): OwnTokenizer => ({
  ...{ tokenizer: of, ref: artifactRef('tokenizer.json'), facts: tokenizerFacts('byte-bpe', of) },
});

const FAMILIES: readonly [string, (rows: number) => Promise<LiveModel>][] = [
  ['titans-mag', (vocabularySize) => live('titans-mag', titansMag(), tinyTitansMag({ vocabularySize }))],
  ['tied llama', (vocabularySize) => llamaOf({ vocabularySize, tiedHead: true })],
  ['untied llama', (vocabularySize) => llamaOf({ vocabularySize, tiedHead: false })],
];

function llamaOf(changes: object): Promise<LiveModel> {
  return implementationOf(ARCHITECTURE, llama()).then((family) =>
    live('llama', llama(), { ...family.sizes!['micro'], ...changes }),
  );
}

async function live(name: string, plugin: ReturnType<typeof llama>, given: object): Promise<LiveModel> {
  const architecture = await implementationOf(ARCHITECTURE, plugin);
  const hyperparameters = await completeHyperparameters(architecture, { ...given });
  const tensors = architecture.describe(hyperparameters);
  const config = { architecture: name, hyperparameters };
  return { architecture, config, tensors, weights: initializeWeights(tensors, 3) };
}

const context = (architecture: Architecture, seed = 1) => ({
  seed,
  resolve: (() => architecture) as never,
  validate: (_schema: object, value: unknown) => value,
});

async function logitsOf({ architecture, config, weights }: LiveModel): Promise<number[]> {
  const model = { engine, architecture, config: config.hyperparameters, weights };
  const generator = await Generator.create(model);
  const { logits } = await generator.predict(PROMPT);
  await generator.dispose();
  return Array.from(logits);
}

const tablesOf = (model: LiveModel): string[] =>
  model.tensors.filter(({ role }) => role === 'embedding' || role === 'output-head').map(({ name }) => name);

function row(weights: TensorDict, name: string, id: number): number[] {
  const { data, shape } = weights[name]!;
  const width = data.length / shape[0]!;
  return Array.from(data.subarray(id * width, (id + 1) * width));
}
/** Mean and standard deviation of a column of the old rows. */
function column(weights: TensorDict, name: string, i: number, rows: number): { mean: number; std: number } {
  const values = Array.from({ length: rows }, (_, id) => row(weights, name, id)[i]!);
  const mean = values.reduce((sum, x) => sum + x, 0) / rows;
  return { mean, std: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows) };
}

describe.each(FAMILIES)('%s, grown by the thought tags', (_name, make) => {
  it('says of old ids what it said', async () => {
    const before = await make(tokenizer.vocabularySize);
    const { model, ids } = growModel(context(before.architecture), before, own(tokenizer));
    expect(model.architecture.vocabularySize(model.config.hyperparameters)).toBe(
      tokenizer.vocabularySize + 8,
    );
    expect(ids).toEqual(
      Object.fromEntries(THOUGHT_TAGS.map((tag, i) => [tag, tokenizer.vocabularySize + i])),
    );
    const [old, now] = [await logitsOf(before), await logitsOf(model)];
    expect(now).toHaveLength(old.length + 8);
    old.forEach((logit, id) => expect(Math.abs(now[id]! - logit)).toBeLessThan(1e-6));
  });

  it('starts marks as a pause and other tags as the mean, each a little apart', async () => {
    const before = await make(tokenizer.vocabularySize);
    const size = tokenizer.vocabularySize;
    const pause = tokenizer.encode('---');
    expect(pause).toHaveLength(1);
    const { model } = growModel(context(before.architecture), before, own(tokenizer));
    for (const name of tablesOf(before)) {
      const marks = row(before.weights, name, pause[0]!);
      const added = THOUGHT_TAGS.map((_, i) => row(model.weights, name, size + i));
      expect(new Set(added.map((values) => values.join())).size).toBe(8);
      const distances: number[] = [];
      for (const i of marks.keys()) {
        const { mean, std } = column(before.weights, name, i, size);
        added.forEach((values, tag) => {
          const start = tag < 2 ? marks[i]! : mean;
          distances.push((values[i]! - start) / std);
        });
      }
      // Normal numbers of standard deviation 0.02: at least 64 of them.
      expect(distances.length).toBeGreaterThanOrEqual(64);
      const rms = Math.sqrt(distances.reduce((sum, x) => sum + x * x, 0) / distances.length);
      expect(rms).toBeGreaterThan(0.014);
      expect(rms).toBeLessThan(0.026);
    }
  });

  it('uses rows that are there before it grows, and touches no others', async () => {
    const spare = await make(tokenizer.vocabularySize + 20);
    const { model } = growModel(context(spare.architecture), spare, own(tokenizer));
    expect(model.config).toBe(spare.config);
    const few = await make(tokenizer.vocabularySize + 3);
    const grown = growModel(context(few.architecture), few, own(tokenizer)).model;
    expect(grown.architecture.vocabularySize(grown.config.hyperparameters)).toBe(
      tokenizer.vocabularySize + 8,
    );
    for (const name of tablesOf(spare)) {
      const last = tokenizer.vocabularySize + 19;
      expect(row(model.weights, name, last)).toEqual(row(spare.weights, name, last));
      expect(row(model.weights, name, tokenizer.vocabularySize)).not.toEqual(
        row(spare.weights, name, tokenizer.vocabularySize),
      );
    }
  });
});

test('tokens that were added before keep their rows; the seed decides the new ones', async () => {
  const before = await FAMILIES[0]![1](tokenizer.vocabularySize);
  const marks = growModel(context(before.architecture), before, own(tokenizer), THOUGHT_TAGS.slice(0, 2));
  const again = growModel(context(before.architecture, 2), marks.model, own(marks.tokenizer));
  expect(again.ids['<doubt>']).toBe(tokenizer.vocabularySize + 7);
  const table = 'embedding.table';
  const open = tokenizer.vocabularySize;
  expect(row(again.model.weights, table, open)).toEqual(row(marks.model.weights, table, open));
  const [one, same, other] = [1, 1, 2].map(
    (seed) =>
      growModel(context(before.architecture, seed), before, own(tokenizer)).model.weights[table]!.data,
  );
  expect(same).toEqual(one);
  expect(other).not.toEqual(one);
});

test('a tokenizer without "---" may have "..."', async () => {
  const kind = await implementationOf(TOKENIZER, byteBpe());
  const dots = await kind.train(['so...and...so...on'], { vocabularySize: 270 });
  const [pause, ...more] = dots.encode('...');
  expect(more).toEqual([]);
  const before = await FAMILIES[0]![1](dots.vocabularySize);
  const { model } = growModel(context(before.architecture), before, own(dots));
  const table = 'embedding.table';
  const [found, start] = [dots.vocabularySize + 1, pause!].map((id) => row(model.weights, table, id));
  found!.forEach((value, i) => {
    const { std } = column(before.weights, table, i, dots.vocabularySize);
    expect(Math.abs(value - start![i]!)).toBeLessThan(5 * 0.02 * std);
  });
});

test('without a token for a pause, marks start as the mean of its tokens', async () => {
  const kind = await implementationOf(TOKENIZER, byteBpe());
  const plain = await kind.train(['a b c d e f'], { vocabularySize: 270 });
  expect(plain.encode('---')).toEqual(Array(3).fill(plain.encode('-')[0]));
  const before = await FAMILIES[0]![1](plain.vocabularySize);
  const { model } = growModel(context(before.architecture), before, own(plain));
  const table = 'embedding.table';
  const [found, dash] = [plain.vocabularySize, plain.encode('-')[0]!].map((id) =>
    row(model.weights, table, id),
  );
  found!.forEach((value, i) => {
    const { std } = column(before.weights, table, i, plain.vocabularySize);
    expect(Math.abs(value - dash![i]!)).toBeLessThan(5 * 0.02 * std);
  });
});

test('the halting rule goes with the model, and the tokenizer is stored as it is', async () => {
  const halt = (): number => 1;
  const before = { ...(await FAMILIES[0]![1](tokenizer.vocabularySize)), halt };
  const grown = growModel(context(before.architecture), before, own(tokenizer));
  expect(grown.model.halt).toBe(halt);
  const store = memoryStore();
  const { ref, facts } = await storeTokenizer({ store }, grown);
  expect(facts).toEqual(tokenizerFacts('byte-bpe', tokenizer));
  const kind = await implementationOf(TOKENIZER, byteBpe());
  const loaded = kind.load(await store.readText(ref));
  expect([...loaded.extended!.keys()]).toEqual([...THOUGHT_TAGS]);
});

test('what cannot grow is named', async () => {
  const before = await FAMILIES[0]![1](tokenizer.vocabularySize);
  const ctx = context(before.architecture);
  const { growVocabulary: _, ...rigid } = before.architecture;
  const { vocabularySize, special } = tokenizer;
  const fixed: Tokenizer = {
    ...{ vocabularySize, special, serialize: () => '{}' },
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
  };
  const failing = (at: string, words: string) =>
    expect.objectContaining({ code: 'AF_HANDOFF_INVALID', at, message: expect.stringContaining(words) });
  expect(() => growModel(ctx, before, null)).toThrow(failing('tokenizer', 'no tokenizer'));
  expect(() => growModel(ctx, before, own(fixed))).toThrow(failing('tokenizer', 'special tokens'));
  expect(() => growModel(ctx, { ...before, architecture: rigid }, own(tokenizer))).toThrow(
    failing('architecture', 'titans-mag cannot grow'),
  );
});
