import { BAKING, type BakingExample, type BakingMethod } from '../../../core/contracts/baking.js';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { prompts, traces } from '../../../plugins/index.js';
import { implementationOf, letterTokenizer } from '../../../testing/index.js';

const X = -100;
const [A, B, Y, Z] = letterTokenizer.encode('abyz') as [number, number, number, number];
const example = (changes: Partial<BakingExample> = {}): BakingExample => ({
  ...{ input: 'ab', trace: 'y', output: 'z', strategy: null, prompt: null },
  ...changes,
});
const init = { kind: 'constant', value: 0 } as const;
const MODEL: readonly TensorDescription[] = [
  { name: 'q', shape: [4, 4], role: 'attention-query', layer: 0, init, linear: true },
  { name: 'up', shape: [4, 6], role: 'ffn-up', layer: 0, init, linear: true },
  { name: 'halt', shape: [4], role: 'halting', init },
];

describe('traces', () => {
  let method: BakingMethod;
  beforeAll(async () => void (method = await implementationOf(BAKING, traces())));

  test('lie whole in rows, each a document, the question masked', () => {
    const { rows, skipped } = method.rows([example(), example({ trace: '' })], letterTokenizer, {
      length: 12,
      promptLength: 0,
    });
    expect(skipped).toEqual([]);
    expect(rows.map(({ ids, targets, segments }) => [[...ids], [...targets], [...segments]])).toEqual([
      [
        // start a b y z end, start a b z end, padding
        [1, A, B, Y, Z, 2, 1, A, B, Z, 2, 0],
        [X, X, Y, Z, 2, X, X, X, Z, 2, X, X],
        [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2],
      ],
    ]);
  });

  test('take ids that were written as they are, and leave the prompt to the teacher', () => {
    const written = example({ written: [40, 41], prompt: 'qqq' });
    const { rows } = method.rows([written], letterTokenizer, { length: 6, promptLength: 0 });
    expect([...rows[0]!.ids]).toEqual([1, A, B, 40, 41, 0]);
    expect([...rows[0]!.targets]).toEqual([X, X, 40, 41, X, X]);
  });

  test('read the ids that they are told to read, and learn nothing that was given', () => {
    const own = example({
      ...{ read: { model: [1, 50], teacher: [1, 60, 50] }, written: [51, 52, 53] },
      given: [1],
    });
    const { rows } = method.rows([own], letterTokenizer, { length: 6, promptLength: 0 });
    expect([...rows[0]!.ids]).toEqual([1, 50, 51, 52, 53, 0]);
    expect([...rows[0]!.targets]).toEqual([X, 51, X, 53, X, X]);
  });

  test('learn nothing of a text that is kept, and say where it lies', async () => {
    const keeping = await implementationOf(BAKING, traces({ keep: 2 }));
    const examples = [example({ kept: true }), example({ trace: '' })];
    const shape = { length: 12, promptLength: 0 };
    const { rows } = keeping.rows(examples, letterTokenizer, shape);
    expect(keeping.teacher).toBe('plain');
    expect(keeping.extras!(shape)).toEqual({ kept: { shape: [12], dtype: 'float32' } });
    expect(rows.map(({ targets, extras }) => [[...targets], [...extras!['kept']!]])).toEqual([
      [
        // start a b y z end, start a b z end, padding
        [X, X, X, X, X, X, X, X, Z, 2, X, X],
        [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
      ],
    ]);
    // Without a weight it is trained on as any other.
    expect([...method.rows(examples, letterTokenizer, shape).rows[0]!.targets]).toContain(Y);
  });

  test('train all weights by what the caller trains with, or adapters of the roles that are named', async () => {
    expect(method.tensors(MODEL)).toMatchObject({ added: [], trainable: ['q', 'up', 'halt'] });
    const usual = nextToken();
    expect(method.objective(usual)).toBe(usual);
    const low = await implementationOf(
      BAKING,
      traces({ train: 'adapters', adapters: { rank: 2, roles: ['ffn-up'] } }),
    );
    expect(low.tensors(MODEL)).toMatchObject({
      added: [
        { name: 'up.lora_a', shape: [4, 2] },
        { name: 'up.lora_b', shape: [2, 6] },
      ],
      trainable: ['up.lora_a', 'up.lora_b'],
    });
  });
});

describe('prompts', () => {
  let method: BakingMethod;
  beforeAll(async () => void (method = await implementationOf(BAKING, prompts())));

  test('stand before the input for the teacher alone; one example a row', () => {
    const [P] = letterTokenizer.encode('p');
    const { rows } = method.rows([example({ prompt: 'p' }), example()], letterTokenizer, {
      length: 7,
      promptLength: 2,
    });
    const [first, second] = rows.map(({ ids, targets, extras }) => ({
      ...{ ids: [...ids], targets: [...targets] },
      teacher: [...extras!['teacher_ids']!],
      index: [...extras!['teacher_index']!],
    }));
    expect(first).toEqual({
      ids: [1, A, B, Y, Z, 2, 0],
      targets: [X, X, Y, Z, 2, X, X],
      teacher: [1, P, A, B, Y, Z, 2, 0, 0],
      index: [-1, -1, 3, 4, 5, -1, -1],
    });
    expect(second).toEqual({
      ...first,
      teacher: [1, A, B, Y, Z, 2, 0, 0, 0],
      index: [-1, -1, 2, 3, 4, -1, -1],
    });
  });

  test('are read by the ids that are told, and nobody predicts what was given', () => {
    const read = { model: [1, 50], teacher: [1, 60, 61, 50] };
    const own = example({ read, written: [51, 52, 53], given: [1], prompt: 'never encoded' });
    const { rows, skipped } = method.rows([own], letterTokenizer, { length: 6, promptLength: 2 });
    expect(skipped).toEqual([]);
    const [{ ids, targets, extras }] = rows as [(typeof rows)[number]];
    expect([...ids]).toEqual([1, 50, 51, 52, 53, 0]);
    expect([...targets]).toEqual([X, 51, X, 53, X, X]);
    expect([...extras!['teacher_ids']!]).toEqual([1, 60, 61, 50, 51, 52, 53, 0]);
    expect([...extras!['teacher_index']!]).toEqual([-1, 3, -1, 5, -1, -1]);
  });

  test('adapt the attention by default with rank and alpha 8; all weights but those of halting otherwise', async () => {
    expect(method.tensors(MODEL).trainable).toEqual(['q.lora_a', 'q.lora_b']);
    expect(method.tensors(MODEL).added[0]!.shape).toEqual([4, 8]);
    const full = await implementationOf(BAKING, prompts({ train: 'all' }));
    expect(full.tensors(MODEL)).toMatchObject({ added: [], trainable: ['q', 'up'] });
    expect(method).toMatchObject({ teacher: 'prompted', metric: 'baking/kl' });
    expect(method.trajectories).toEqual({ perExample: 8, maxTokens: 48, temperatures: [1, 1, 1, 1.5] });
  });
});
