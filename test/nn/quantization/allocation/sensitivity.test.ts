import { initializeWeights } from '../../../../nn/models/index.js';
import {
  allocate,
  formatChoices,
  formatErrors,
  leastBytes,
  measureSensitivity,
  sensitivityTable,
  type FormatNames,
} from '../../../../nn/quantization/index.js';
import { fakeFormats, MODEL } from './fake-formats.js';

const choices = formatChoices(MODEL, fakeFormats, {}, 'size');
const errors = formatErrors(choices, fakeFormats, initializeWeights(MODEL, 1), {});

/** Nats that each tensor costs in ternary. */
const COSTS: Readonly<Record<string, number>> = {
  'layers.0.down': 0.5,
  'layers.1.down': 0.25,
  'layers.0.query': 0.125,
  'recursion.first': -0.0625,
};

const lossOf = (formats: FormatNames): Promise<number> =>
  Promise.resolve(
    Object.entries(COSTS).reduce((sum, [name, cost]) => sum + (formats[name] === 'ternary' ? cost : 0), 2),
  );

const gainsOf = (restored: readonly { name: string; gain: number | null }[]) =>
  Object.fromEntries(restored.map(({ name, gain }) => [name, gain]));

test('each group alone, then the blocks at the ends and the down projections', async () => {
  const told: [number, number][] = [];
  const found = await measureSensitivity(choices, errors, {
    loss: lossOf,
    onEvaluation: (done, total) => void told.push([done, total]),
  });
  expect(found.base).toBeCloseTo(2.8125, 9);
  expect(gainsOf(found.groups)).toEqual({
    'layer 0 attention in': 0.125,
    'layer 0 attention output': 0,
    'layer 0 ffn in': 0,
    'layer 0 ffn down': 0.5,
    'layer 1 attention in': 0,
    'layer 1 attention output': 0,
    'layer 1 ffn in': 0,
    'layer 1 ffn down': 0.25,
    recursion: -0.0625,
  });
  expect(gainsOf(found.ablations)).toEqual({
    'first block': 0.625,
    'last block': 0.25,
    'down projections': 0.75,
  });
  // Nine groups, three ablations and the model as it is.
  expect(found.evaluations).toBe(13);
  expect(told).toEqual(Array.from({ length: 14 }, (_, done) => [done, 13]));
  const down = found.groups.find(({ name }) => name === 'layer 0 ffn down')!;
  expect(down.bytes).toBe((8192 * (8 - 2)) / 8);
});

test('losses are what a group costs in ternary: a little more than int8 gives back', async () => {
  const { losses } = await measureSensitivity(choices, errors, { loss: lossOf });
  const [first, , int8] = errors['layers.0.down']!;
  expect(losses['layer 0 ffn down']).toBeCloseTo(0.5 / (1 - int8! / first!), 9);
  const least = leastBytes(choices);
  const { purchases } = allocate(choices, errors, { bytes: least + 4096 }, { losses, at: 'size' });
  expect(purchases[0]!.group.name).toBe('layer 0 ffn down');
});

test('few evaluations: the groups whose errors promise most; the others are not measured', async () => {
  const found = await measureSensitivity(choices, errors, { loss: lossOf, most: 2 });
  expect(found.evaluations).toBe(6);
  expect(found.groups.filter(({ gain }) => gain !== null)).toHaveLength(2);
  expect(Object.keys(found.losses)).toHaveLength(2);
  const { rows, columns } = sensitivityTable(found);
  expect(rows).toHaveLength(9 + 3);
  expect(rows.every((row) => row.length === columns.length)).toBe(true);
  expect(rows.filter((row) => row[2] === 'not measured')).toHaveLength(7);
});

test('what is one of the groups is not evaluated twice, and a ladder without int8 gives back its last', async () => {
  const small = formatChoices(
    MODEL.filter(({ layer }) => layer === 0),
    fakeFormats,
    { ladder: ['ternary', 'int4'] },
    'size',
  );
  const asked: FormatNames[] = [];
  const found = await measureSensitivity(small, errors, {
    loss: (formats) => {
      asked.push(formats);
      return lossOf(formats);
    },
  });
  // One block: four groups, the block, and the down projection, which is one of the groups.
  expect(found.ablations.map(({ name }) => name)).toEqual(['first block', 'down projections']);
  expect(found.evaluations).toBe(6);
  expect(asked).toHaveLength(6);
  expect(gainsOf(found.ablations)['down projections']).toBe(0.5);
  expect(asked.at(-1)!['layers.0.down']).toBe('int4');
});
