import * as tf from '@tensorflow/tfjs';
import { BAKING, type BakingMethod } from '../../core/contracts/baking.js';
import { prompts, traces } from '../../plugins/index.js';
import { bakingConformance, implementationOf } from '../../testing/index.js';
import { fails } from '../support/conformance.js';

type Change = (method: BakingMethod) => Partial<BakingMethod>;

/** Ids of the examples are 3 and above; the input is trained too. */
const everything: Change = (method) => ({
  rows: (...given) => {
    const made = method.rows(...given);
    const rows = made.rows.map((row) => ({
      ...row,
      targets: row.ids.map((_, t) => (row.segments[t + 1] === row.segments[t] ? row.ids[t + 1]! : -100)),
    }));
    return { ...made, rows };
  },
});

describe('a wrong baking method fails, in the case that is about it', () => {
  test.each<[string, string, () => Promise<BakingMethod>, Change]>([
    ['that trains on questions', 'trains what is written, not what is read', plain, everything],
    [
      'that learns what a tool said',
      'reads the ids that it is told to read, and learns nothing that was given',
      plain,
      (method) => ({
        rows: (examples, ...given) =>
          method.rows(
            examples.map((example) => ({ ...example, given: [] })),
            ...given,
          ),
      }),
    ],
    [
      'whose model reads the prompt',
      'reads the ids that it is told to read, and learns nothing that was given',
      adapted,
      (method) => ({
        rows: (examples, ...given) =>
          method.rows(
            examples.map(({ read, ...example }) =>
              read === undefined ? example : { ...example, read: { ...read, model: read.teacher } },
            ),
            ...given,
          ),
      }),
    ],
    [
      'whose merge forgets the adapters',
      'begins as the model it was, and merges into the plain model',
      adapted,
      (method) => ({
        tensors: (model) => {
          const tensors = method.tensors(model);
          const names = new Set(tensors.added.map(({ name }) => name));
          const merge = (all: Parameters<typeof tensors.merge>[0]) =>
            Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name)));
          return { ...tensors, merge };
        },
      }),
    ],
    [
      'that says nothing of what it left out',
      'leaves out whole examples that do not fit, and says which',
      plain,
      (method) => ({ rows: (...given) => ({ ...method.rows(...given), skipped: [] }) }),
    ],
    [
      'whose rows are too short',
      'gives rows of the shape it was asked for, with what it says beside',
      plain,
      (method) => ({
        rows: (examples, tokenizer, shape) =>
          method.rows(examples, tokenizer, { ...shape, length: shape.length - 1 }),
      }),
    ],
    [
      'that goes uphill',
      'brings down what it is measured by',
      plain,
      (method) => ({
        objective: (usual) => (input) => {
          const result = method.objective(usual)(input);
          return { ...result, loss: tf.neg(result.loss) };
        },
      }),
    ],
    [
      'whose metric nobody measures',
      'brings down what it is measured by',
      plain,
      () => ({ metric: 'baking/nothing' }),
    ],
  ])('%s', async (_, name, make, change) => {
    const suite = bakingConformance(async () => {
      const method = await make();
      return { ...method, ...change(method) };
    });
    expect(await fails(suite, name)).toBe(true);
  });
});

function plain(): Promise<BakingMethod> {
  return implementationOf(BAKING, traces());
}

function adapted(): Promise<BakingMethod> {
  return implementationOf(BAKING, prompts());
}
