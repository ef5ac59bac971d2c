import { basename } from 'node:path';
import { nodeFileSystem, type FileSystem } from '../../storage/file-system.js';
import { sha256 } from '../../storage/hashing.js';
import { checkUnchanged } from './checkpoints/file-identity.js';
import { Hashes, type CheckpointHashes } from './execute/hashes.js';
import { MergeBuffers } from './execute/buffers.js';
import type { Part } from './execute/inputs.js';
import { PART_ELEMENTS } from './execute/parts.js';
import { writeShard, type ShardWork, type Written } from './execute/write-shard.js';
import { checkOutput, OutputFolder } from './output/folder.js';
import { smallFiles, writeSmallFiles } from './output/small-files.js';
import type { MergePlan } from './plan.js';
import { inputsOf } from './plan/tensor-merge.js';

/** Room for config, card, recipe and what file systems round up, in bytes. */
const SMALL_FILES_BYTES = 64e6;

export interface MergeProgress {
  /** The tensor at hand, as it is called in the result. */
  readonly tensor: string;
  /** Bytes of the inputs that were merged, and all of them. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ExecuteOptions {
  /** Absolute path of the folder for the result. */
  readonly output: string;
  /** Replace a model that is there. */
  readonly force?: boolean;
  /** Who is named in the card, for example `agentforge 0.1.0`. */
  readonly producer?: string;
  /** What the models of the recipe were merged from in turn, for the card. */
  readonly ancestors?: readonly CheckpointHashes[];
  /** File that remembers hashes of models from merge to merge; without it every model is hashed. */
  readonly hashCache?: string;
  readonly onProgress?: (progress: MergeProgress) => void;
  /** Aborting it stops the merge after the tensor at hand; nothing is left. */
  readonly signal?: AbortSignal;
  /** Bytes that may still be written where a folder lies; default: ask the file system. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  readonly files?: FileSystem;
  /** Elements of a tensor that are worked on at a time where the technique takes parts; default 2^19. */
  readonly partElements?: number;
}

/** A file of the result. */
export interface WeightFile extends Written {
  /** Name in the output folder. */
  readonly file: string;
}

export interface MergeReport {
  readonly folder: string;
  readonly method: string;
  readonly seed: number;
  /** Weight files of the result. */
  readonly files: readonly WeightFile[];
  readonly parents: readonly CheckpointHashes[];
  readonly tensors: number;
  /** Elements of the result. */
  readonly elements: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly seconds: number;
  /** Input merged per second, 10^9 bytes. */
  readonly gigabytesPerSecond: number;
  readonly warnings: readonly string[];
}

/**
 * Check that a planned merge may be written where it is to go.
 * @throws ForgeError AF_MERGE_OUTPUT, AF_STORAGE_FULL
 */
export async function checkDestination(plan: MergePlan, options: ExecuteOptions): Promise<void> {
  await checkOutput({
    folder: options.output,
    force: options.force ?? false,
    bytes: plan.outputBytes + SMALL_FILES_BYTES,
    inputs: plan.checkpoints.map(({ folder }) => folder),
    files: options.files ?? nodeFileSystem,
    freeBytes: options.freeBytes,
  });
}

/**
 * Carry a plan out: stream tensor by tensor into the files of the result. The output folder appears complete or not at
 * all.
 *
 * @throws ForgeError AF_MERGE_OUTPUT, AF_STORAGE_FULL before anything is written; AF_MERGE_VALUES, AF_MERGE_METHOD,
 * AF_MERGE_INTERRUPTED with everything removed again
 */
export async function executeMerge(plan: MergePlan, options: ExecuteOptions): Promise<MergeReport> {
  const files = options.files ?? nodeFileSystem;
  await checkDestination(plan, options);
  const started = performance.now();
  const hashes = await Hashes.open(options.hashCache ?? null, files);
  const folder = await OutputFolder.create(options.output, files);
  const parents = hashes.checkpoints(plan.checkpoints);
  parents.catch(() => undefined);
  try {
    const written = await writeShards(plan, folder.path, { ...options, files });
    const all = [...(await parents), ...(options.ancestors ?? [])];
    await checkUnchanged(
      plan.checkpoints.flatMap(({ seen }) => seen),
      files,
    );
    const report = reportOf(plan, written, all, options.output);
    const facts = {
      title: basename(options.output),
      parents: all,
      producer: options.producer ?? 'agentforge',
    };
    await writeSmallFiles(folder.path, await smallFiles(plan, facts, files), files);
    await folder.commit({ force: options.force ?? false });
    const seconds = (performance.now() - started) / 1000;
    return { ...report, seconds, gigabytesPerSecond: plan.inputBytes / 1e9 / seconds };
  } catch (error) {
    await folder.discard();
    throw error;
  } finally {
    await hashes.stop();
    // After a failure files are still being read otherwise when the caller believes that all is over.
    await Promise.allSettled([parents]);
  }
}

async function writeShards(
  plan: MergePlan,
  folder: string,
  {
    onProgress,
    signal,
    files,
    partElements = PART_ELEMENTS,
  }: ExecuteOptions & { readonly files: FileSystem },
): Promise<Written[]> {
  let doneBytes = 0;
  const work: ShardWork = {
    ...{ recipe: plan.recipe, seed: plan.seed, folder, files, signal, partElements },
    buffers: new MergeBuffers(
      plan.shards.flatMap(({ tensors }) => tensors),
      plan.recipe,
      partElements,
    ),
    metadata: {
      format: 'pt',
      agentforge_merge: plan.recipe.methodName,
      recipe_sha256: sha256(plan.recipe.origin.text),
      seed: String(plan.seed),
    },
    onPart: (part) => {
      doneBytes += inputBytes(part);
      onProgress?.({ tensor: part.tensor.name, doneBytes, totalBytes: plan.inputBytes });
    },
  };
  const written: Written[] = [];
  for (const shard of plan.shards) written.push(await writeShard(shard, work));
  return written;
}

/** Bytes of all inputs that a part of the result is made from; half of them each time where it is read twice. */
function inputBytes({ tensor, count, pass }: Part): number {
  if (count === 0) return 0;
  const all = inputsOf(tensor).map(({ checkpoint, name }) => checkpoint.tensors.entry(name));
  const total = all.reduce((sum, { begin, end }) => sum + end - begin, 0);
  return (total * count) / tensor.elements / (pass === 'merge' ? 1 : 2);
}

type Unfinished = Omit<MergeReport, 'seconds' | 'gigabytesPerSecond'>;

function reportOf(
  plan: MergePlan,
  written: readonly Written[],
  parents: readonly CheckpointHashes[],
  folder: string,
): Unfinished {
  const { recipe, seed, shards, elements, inputBytes: read, outputBytes, warnings } = plan;
  return {
    ...{
      folder,
      method: recipe.methodName,
      seed,
      parents,
      elements,
      inputBytes: read,
      outputBytes,
      warnings,
    },
    files: shards.map(({ file }, i) => ({ file, ...written[i]! })),
    tensors: shards.reduce((sum, { tensors }) => sum + tensors.length, 0),
  };
}
