import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methodRecipes } from '../../../../bench/merge/recipes.js';
import { defineMerge } from '../../../../core/contracts/merge.js';
import { PART_ELEMENTS } from '../../../../tools/merge/execute/parts.js';
import { executeMerge, planMerge, readRecipe } from '../../../../tools/merge/index.js';
import { nodeFileSystem, type FileSystem } from '../../../../storage/file-system.js';
import { slowDisk } from '../../../../testing/slow-disk.js';
import { largestDifference, randomTensors, readCheckpoint, writeCheckpoint } from '../support/checkpoints.js';
import { mergeFixture } from '../support/fixture.js';
import { mergedWhole } from '../support/whole.js';

/**
 * Every method on a disk that takes its time in many different ways. By hand, over more of them:
 * `AGENTFORGE_SLOW_DISK_SEEDS=200 npx jest test/tools/merge/execute/slow-disk`.
 */
const SEEDS = Number(process.env['AGENTFORGE_SLOW_DISK_SEEDS'] ?? 4);
/** On this disk and the next writes last so long that a buffer which is filled before its write is over tells at once. */
const FIRST_SEED = 8;

const DTYPES = ['F32', 'BF16', 'F16'] as const;
/** Half precision is narrowed into buffers of the writer: every second time the merge's own are written. */
const IN_TURN = ['F32', 'BF16', 'F32', 'F16'] as const;
/** Rounding of the largest numbers that are stored; sums over parts round differently from one over all. */
const TOLERANCE = { F32: 1e-5, BF16: 2 ** -6, F16: 2 ** -9 };

const PART = 16;
/** Bytes of an element. */
const WIDTH = { F32: 4, BF16: 2, F16: 2 };
/** Elements in a shard of the result: three tensors. */
const SHARD = 170;
/** Tensors of at least three parts, most of them of an odd number: what is used in turns comes round again. */
const SHAPES = new Map<string, readonly number[]>([
  ['model.embed_tokens.weight', [5, 8]],
  ['model.layers.0.mlp.up_proj.weight', [9, 8]],
  ['model.layers.0.mlp.down_proj.weight', [6, 7]],
  ['model.layers.1.mlp.up_proj.weight', [9, 8]],
  ['model.layers.1.mlp.down_proj.weight', [6, 7]],
  ['model.norm.weight', [5]],
]);

/** Memory of its own that is used again by every call, for the result as well as for the numbers of the whole. */
const frugal = defineMerge({
  name: 'frugal',
  create: () => {
    const result = new Float32Array(1000);
    const sum = new Float64Array(1);
    return {
      arity: { min: 2, max: null },
      base: 'unused',
      statistics: ({ models }) => {
        sum[0] = models[0]!.reduce((total, value) => total + value, 0);
        return sum;
      },
      merge: ({ models: [a, b], statistics }) => {
        const shift = statistics?.[0] ?? a!.reduce((total, value) => total + value, 0);
        a!.forEach((value, i) => (result[i] = (value + b![i]!) / 2 + shift));
        return result.subarray(0, a!.length);
      },
    };
  },
});

const setup = mergeFixture([frugal()]);
const { folder } = setup;

beforeAll(async () => {
  for (const dtype of DTYPES)
    for (const [seed, name] of ['base', 'a', 'b', 'c'].entries()) {
      const tensors = randomTensors(SHAPES, seed + 1);
      tensors['ids'] = { shape: [50], dtype: 'int32', data: new Int32Array(50).fill(7) };
      await writeCheckpoint(folder.join(dtype, name), tensors, { dtype, shards: 2 });
    }
});

interface Settings {
  readonly cwd: string;
  readonly output: string;
  readonly files?: FileSystem;
  readonly partElements?: number;
  readonly maxShardBytes?: number;
}

/** Merge on a disk, and work out on the real one what should come out. */
async function merge(text: string, { cwd, output, partElements, ...options }: Settings) {
  const { files = nodeFileSystem, maxShardBytes } = options;
  const [step] = await readRecipe(text, 'recipe.yml', setup.world);
  const plan = await planMerge(step!.recipe, { folders: [cwd], files, maxShardBytes });
  try {
    await executeMerge(plan, { output, files, partElements });
    return { expected: await mergedWhole(plan) };
  } finally {
    await plan.close();
  }
}

function inParts(dtype: (typeof DTYPES)[number]): Pick<Settings, 'partElements' | 'maxShardBytes'> {
  return { partElements: PART, maxShardBytes: WIDTH[dtype] * SHARD };
}

/** A hash of all weights that were written. */
function contentOf(path: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(path).filter((each) => each.endsWith('.safetensors')))
    hash.update(name).update(readFileSync(join(path, name)));
  return hash.digest('hex');
}

/** Merged once on the real disk, and compared with whole tensors. */
const merged = new Map<string, Promise<string>>();
function referenceOf(method: string, text: string, dtype: (typeof DTYPES)[number]): Promise<string> {
  const key = `${method}-${dtype}`;
  const made = async (): Promise<string> => {
    const output = folder.join('right', key);
    const cwd = folder.join(dtype);
    const { expected } = await merge(text, { cwd, output, ...inParts(dtype) });
    expect(largestDifference(await readCheckpoint(output), expected)).toBeLessThan(TOLERANCE[dtype]);
    return contentOf(output);
  };
  if (!merged.has(key)) merged.set(key, made());
  return merged.get(key)!;
}

async function everySeed(method: string, text: string): Promise<void> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const dtype = IN_TURN[seed % IN_TURN.length]!;
    const right = await referenceOf(method, text, dtype);
    const output = folder.join('slow', `${method}-${seed}`);
    const files = slowDisk(seed);
    await merge(text, { cwd: folder.join(dtype), output, files, ...inParts(dtype) });
    expect({ seed, dtype, content: contentOf(output) }).toEqual({ seed, dtype, content: right });
  }
}

test('a slow disk changes no method, element type or shard', async () => {
  const recipes = await methodRecipes();
  expect(recipes.length).toBeGreaterThan(20);
  for (const { method, text } of recipes) await everySeed(method, text);
}, 3_600_000);

test('a method may use memory of its own again', () =>
  everySeed('frugal', JSON.stringify({ method: 'frugal', models: ['./a', './b'] })));

test('parts of the usual size on a slow disk', async () => {
  const shapes = new Map(
    ['a', 'b'].map((name, i): [string, number[]] => [name, [2 * PART_ELEMENTS + 1 + 1000 * i]]),
  );
  const cwd = folder.join('large');
  mkdirSync(cwd, { recursive: true });
  for (const [index, name] of ['a', 'b'].entries()) {
    const tensors = Object.fromEntries(
      [...shapes].map(([tensor, shape], t) => {
        // Cheap numbers: what matters is that no part is like another.
        const data = Float32Array.from({ length: shape[0]! }, (_, i) => Math.sin(i * (index + t + 1)) + t);
        return [tensor, { shape, dtype: 'float32' as const, data }];
      }),
    );
    await writeCheckpoint(join(cwd, name), tensors);
  }
  const text = JSON.stringify({ method: 'slerp', models: ['./a', './b'] });
  const output = folder.join('large-merged');
  const { expected } = await merge(text, { cwd, output, files: slowDisk(3) });
  expect(largestDifference(await readCheckpoint(output), expected)).toBeLessThan(1e-5);
});
