import { PART_ELEMENTS } from '../../../../tools/merge/execute/parts.js';
import { randomTensors, readCheckpoint, writeCheckpoint } from '../support/checkpoints.js';
import { mergeFixture } from '../support/fixture.js';
import { mergeText } from '../support/merge.js';

/** Two whole parts and a bit of a third, which is no multiple of anything. */
const LARGE = 2 * PART_ELEMENTS + 12_347;
const SHAPES = new Map([
  ['embed.weight', [LARGE]],
  ['norm.weight', [5]],
]);

const setup = mergeFixture();
const { folder } = setup;

beforeAll(async () => {
  for (const [seed, name] of ['a', 'b'].entries()) {
    const tensors = randomTensors(SHAPES, seed + 1);
    // The parts differ in length and angle: what is measured on one part alone is wrong for the whole.
    const { data } = tensors['embed.weight']!;
    for (let i = PART_ELEMENTS; i < LARGE; i++) data[i] = name === 'a' ? 3 * data[i]! : data[i]! + 2;
    await writeCheckpoint(folder.join('whole', name), tensors);
  }
});

const recipe = (method: string): string =>
  `method: ${method}\nmodels:\n  - { model: ./a, weight: 0.4 }\n  - { model: ./b, weight: 0.6 }\n`;

type Coefficients = (a: Float32Array, b: Float32Array) => readonly [number, number];

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Shoemake 1985, the whole tensor as one vector. */
const slerp: Coefficients = (a, b) => {
  const angle = Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));
  return [Math.sin(0.4 * angle) / Math.sin(angle), Math.sin(0.6 * angle) / Math.sin(angle)];
};

/** Weighted length times the normalised weighted sum of the directions. */
const multislerp: Coefficients = (a, b) => {
  const [lengthA, lengthB] = [Math.sqrt(dot(a, a)), Math.sqrt(dot(b, b))];
  const [p, q] = [0.4 / lengthA, 0.6 / lengthB];
  const norm = Math.sqrt(p * p * dot(a, a) + 2 * p * q * dot(a, b) + q * q * dot(b, b));
  const length = 0.4 * lengthA + 0.6 * lengthB;
  return [(length * p) / norm, (length * q) / norm];
};

test.each<[string, Coefficients]>([
  ['linear', () => [0.4, 0.6]],
  ['slerp', slerp],
  ['multislerp', multislerp],
])('%s of a tensor in parts is that of the whole', async (method, coefficients) => {
  const cwd = folder.join('whole');
  const output = folder.join('merged', method);
  let last = 0;
  let total = 0;
  await mergeText(recipe(method), setup.world, {
    cwd,
    output,
    execute: {
      onProgress: ({ doneBytes, totalBytes }) => {
        expect(doneBytes).toBeGreaterThanOrEqual(last);
        [last, total] = [doneBytes, totalBytes];
      },
    },
  });
  expect(last).toBeCloseTo(total, 3);
  const [a, b, merged] = await Promise.all(
    [folder.join('whole', 'a'), folder.join('whole', 'b'), output].map(readCheckpoint),
  );
  for (const name of SHAPES.keys()) {
    const [x, y] = [a![name]!.data as Float32Array, b![name]!.data as Float32Array];
    const [p, q] = coefficients(x, y);
    let largest = 0;
    merged![name]!.data.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - (p * x[i]! + q * y[i]!)));
    });
    expect(largest).toBeLessThan(1e-5);
  }
});

describe.each(['linear', 'slerp', 'multislerp', 'karcher'])('%s', (method) => {
  test.each([
    ['the first part', 7],
    ['the second part', PART_ELEMENTS + 200_003],
    ['the last element', LARGE - 1],
  ])('what is not finite in %s is found, and nothing is left', async (where, element) => {
    for (const [kind, value] of [
      ['NaN', NaN],
      ['Infinity', Infinity],
    ] as const) {
      const cwd = folder.join(`${method}-${kind}-${where}`);
      await writeCheckpoint(`${cwd}/a`, await readCheckpoint(folder.join('whole', 'a')));
      const bad = await readCheckpoint(folder.join('whole', 'b'));
      bad['embed.weight']!.data[element] = value;
      await writeCheckpoint(`${cwd}/b`, bad);
      await expect(
        mergeText(recipe(method), setup.world, { cwd, output: `${cwd}/out` }),
      ).rejects.toMatchObject({
        code: 'AF_MERGE_VALUES',
        message: `Tensor "embed.weight" of ./b holds ${kind} (element ${element}).`,
      });
      await expect(readCheckpoint(`${cwd}/out`)).rejects.toThrow();
    }
  });
});

test('a model of weight 0 is looked at too', async () => {
  const cwd = folder.join('zero');
  await writeCheckpoint(`${cwd}/a`, await readCheckpoint(folder.join('whole', 'a')));
  const bad = await readCheckpoint(folder.join('whole', 'b'));
  bad['embed.weight']!.data[PART_ELEMENTS + 1] = NaN;
  await writeCheckpoint(`${cwd}/b`, bad);
  const text = recipe('linear').replace('0.6', '0');
  await expect(mergeText(text, setup.world, { cwd, output: `${cwd}/out` })).rejects.toMatchObject({
    code: 'AF_MERGE_VALUES',
    facts: { element: PART_ELEMENTS + 1 },
  });
});
