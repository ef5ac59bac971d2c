import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeCheckpointSet, MODELS, type CheckpointSet } from './merge/checkpoint-set.js';
import { timeReadWrite } from './merge/read-write.js';
import { methodRecipes, type MethodRecipe } from './merge/recipes.js';

/** What one merge tells of itself: a part of `agentforge merge --json`. */
export interface MeasuredMerge {
  readonly seconds: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly peakMemoryBytes: number;
}

export interface MergeBenchmarkOptions {
  /** Bytes of the whole set of four checkpoints; default 10^9, or AGENTFORGE_BENCH_MERGE_BYTES. */
  readonly bytes?: number;
  /** How the checkpoints are stored; default F32, or AGENTFORGE_BENCH_MERGE_DTYPE. */
  readonly dtype?: CheckpointSet['dtype'];
  /** Techniques; default all of this package. */
  readonly methods?: readonly string[];
  /** How often linear and slerp are measured against reading and writing; the best of each counts. Default 5. */
  readonly trials?: number;
  /** Merge by a recipe file in a folder; default: `agentforge merge` in a process of its own. */
  readonly merge?: (recipe: string, output: string, folder: string) => Promise<MeasuredMerge>;
}

/** Techniques that are held against reading and writing alone. */
const COMPARED = ['linear', 'slerp'];

export interface MethodReport extends Pick<MeasuredMerge, 'seconds' | 'peakMemoryBytes'> {
  /** Checkpoints that were read, the base included. */
  readonly models: number;
  /** Input merged per second, 10^9 bytes. */
  readonly gigabytesPerSecond: number;
  /** 3 x the largest tensor in float32 x the models, and 300 MB. */
  readonly memoryLimitBytes: number;
  readonly withinMemoryLimit: boolean;
  /** What reading the same inputs and writing the same output takes; null where it was not measured. */
  readonly readWriteSeconds: number | null;
  /** `seconds / readWriteSeconds`. */
  readonly ratio: number | null;
  /** The first merge of models that were never hashed before, and its ratio; null where it was not measured. */
  readonly firstSeconds: number | null;
  readonly firstRatio: number | null;
}

/**
 * `agentforge bench merge`: how fast checkpoints are merged, and in how much memory. The files have just been written,
 * so that they come out of the memory of the operating system: what is measured is the merging, not the disk. The models
 * have been merged before, as when somebody tries recipe after recipe; `first...` says what it takes when not.
 */
export async function run(
  say: (line: string) => void,
  options: MergeBenchmarkOptions = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { bytes = bytesOf(process.env), dtype = dtypeOf(process.env), trials = 5 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-bench-merge-'));
  try {
    say(`four checkpoints of ${(bytes / 4e9).toFixed(2)} GB in ${dtype}`);
    // Ends the search for a config file of agentforge here.
    await writeFile(join(folder, 'package.json'), '{}');
    const set = await makeCheckpointSet(folder, bytes, dtype);
    const bench: Bench = { set, trials, merge: options.merge ?? mergeInProcess };
    const recipes = await methodRecipes();
    await warmUp(bench);
    const methods: Record<string, MethodReport> = {};
    for (const recipe of recipes.filter(({ method }) => options.methods?.includes(method) ?? true)) {
      methods[recipe.method] = await measure(recipe, bench);
      say(describe(recipe.method, methods[recipe.method]!));
    }
    return {
      dtype,
      checkpoints: MODELS.length,
      checkpointBytes: set.bytes,
      largestTensorBytes: 4 * set.largest,
      ratioLimit: 2,
      methods,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly set: CheckpointSet;
  readonly trials: number;
  readonly merge: NonNullable<MergeBenchmarkOptions['merge']>;
}

/** All models once, so that their hashes are known; files that have just been written are not remembered. */
async function warmUp(bench: Bench): Promise<void> {
  await setTimeout(2500);
  const text = JSON.stringify({ method: 'linear', models: MODELS });
  await mergeOnce({ method: 'linear', reads: MODELS, text }, bench);
}

async function mergeOnce({ method, text }: MethodRecipe, { set, merge }: Bench): Promise<MeasuredMerge> {
  const file = join(set.folder, `${method}.json`);
  const output = join(set.folder, 'merged');
  await writeFile(file, text);
  const measured = await merge(file, output, set.folder);
  await rm(output, { recursive: true });
  return measured;
}

async function measure(recipe: MethodRecipe, bench: Bench): Promise<MethodReport> {
  const { set } = bench;
  const inputs = recipe.reads.map((name) => join(set.folder, name, 'model.safetensors'));
  const compared = COMPARED.includes(recipe.method);
  const merges: MeasuredMerge[] = [];
  const readWrites: number[] = [];
  for (let trial = 0; trial < (compared ? bench.trials : 1); trial++) {
    merges.push(await mergeOnce(recipe, bench));
    if (compared) readWrites.push(await timeReadWrite(inputs, merges[0]!.outputBytes, set.folder));
  }
  const first = compared ? await firstMerge(recipe, bench) : null;
  const seconds = Math.min(...merges.map((each) => each.seconds));
  const peakMemoryBytes = Math.max(...[...merges, first ?? merges[0]!].map((each) => each.peakMemoryBytes));
  const memoryLimitBytes = 3 * 4 * set.largest * inputs.length + 300e6;
  const readWriteSeconds = compared ? Math.min(...readWrites) : null;
  const ratioOf = (each: number | null): number | null =>
    each === null || readWriteSeconds === null ? null : each / readWriteSeconds;
  return {
    models: inputs.length,
    seconds,
    gigabytesPerSecond: merges[0]!.inputBytes / 1e9 / seconds,
    peakMemoryBytes,
    memoryLimitBytes,
    withinMemoryLimit: peakMemoryBytes <= memoryLimitBytes,
    readWriteSeconds,
    ratio: ratioOf(seconds),
    firstSeconds: first?.seconds ?? null,
    firstRatio: ratioOf(first?.seconds ?? null),
  };
}

/** As if the models were new: nothing is remembered of them. */
async function firstMerge(recipe: MethodRecipe, bench: Bench): Promise<MeasuredMerge> {
  const cache = cacheFolder(bench.set.folder);
  const kept = `${cache}-kept`;
  await mkdir(cache, { recursive: true });
  await rename(cache, kept);
  const measured = await mergeOnce(recipe, bench);
  await rm(cache, { recursive: true, force: true });
  await rename(kept, cache);
  return measured;
}

/** Where merges of this benchmark remember hashes. */
function cacheFolder(folder: string): string {
  return join(folder, 'cache');
}

/** In a process of its own, so that its peak memory is that of this merge. */
async function mergeInProcess(recipe: string, output: string, folder: string): Promise<MeasuredMerge> {
  const program = fileURLToPath(new URL('../cli/bin.js', import.meta.url));
  const words = [program, 'merge', recipe, '--output', output, '--json', '--quiet'];
  const env = { ...process.env, XDG_CACHE_HOME: cacheFolder(folder) };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder, env });
  return JSON.parse(stdout) as MeasuredMerge;
}

function describe(
  method: string,
  { gigabytesPerSecond, peakMemoryBytes, ratio, firstRatio }: MethodReport,
): string {
  const compared =
    ratio === null || firstRatio === null
      ? ''
      : `, ${ratio.toFixed(2)} times reading and writing (${firstRatio.toFixed(2)} with hashing)`;
  return `${method}: ${gigabytesPerSecond.toFixed(2)} GB/s, ${(peakMemoryBytes / 1e6).toFixed(0)} MB${compared}`;
}

function bytesOf({ AGENTFORGE_BENCH_MERGE_BYTES: text }: NodeJS.ProcessEnv): number {
  const bytes = Number(text);
  return Number.isFinite(bytes) && bytes > 0 ? bytes : 1e9;
}

function dtypeOf({ AGENTFORGE_BENCH_MERGE_DTYPE: text }: NodeJS.ProcessEnv): CheckpointSet['dtype'] {
  return text === 'BF16' || text === 'F16' ? text : 'F32';
}
