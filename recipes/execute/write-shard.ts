import type { Shard } from '../output/shards.js';
import type { TensorMerge } from '../plan/tensor-merge.js';
import type { FileSystem } from '../../storage/file-system.js';
import { createSafetensorsWriter, type FileHasher, type SafetensorsWriter, type WrittenFile } from '../../storage/safetensors/index.js';
import { join } from 'node:path';
import { ForgeError } from '../../errors/index.js';
import { type InputBuffers, readSame, type Part } from './inputs.js';
import { mergePart } from './merge-part.js';
import type { MergeRecipe } from '../recipe.js';

/** Elements of a part where a technique takes parts: small enough for the processor's cache. */
export const PART_ELEMENTS = 1 << 18;

/** What all shards of a merge share. */
export interface ShardWork {
  readonly recipe: MergeRecipe;
  readonly seed: number;
  readonly folder: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: InputBuffers;
  /** Two buffers for results: one is written while the next is made. */
  readonly outputs: readonly [Float32Array, Float32Array];
  readonly files: FileSystem;
  readonly hasher: FileHasher | undefined;
  readonly signal: AbortSignal | undefined;
  /** Told after each part: the tensor, and elements of the result that were made. */
  readonly onPart: (tensor: TensorMerge, elements: number) => void;
}

/** Make and write the tensors of one file. */
export async function writeShard(shard: Shard<TensorMerge>, work: ShardWork): Promise<WrittenFile> {
  const { file, tensors } = shard;
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const writer = await createSafetensorsWriter(
    join(work.folder, file),
    tensors,
    work.metadata,
    work.files,
    work.hasher,
  );
  const writing = new Writing(writer, work);
  try {
    for (const name of writer.order) {
      const tensor = byName.get(name)!;
      for (const part of partsOf(tensor, work.recipe)) {
        stopWhenAsked(work.signal);
        await writing.part(tensor, part);
        work.onPart(tensor, part.count);
      }
    }
    await writing.settle();
    return await writer.finish();
  } catch (error) {
    await writing.settle().catch(() => undefined);
    await writer.abort();
    throw error;
  }
}

/** Elements that a tensor is made of at a time. */
export function partSize({ elements, kind }: TensorMerge, { method }: MergeRecipe): number {
  return kind === 'merge' && method.elementwise === true ? Math.min(elements, PART_ELEMENTS) : elements;
}

function partsOf(tensor: TensorMerge, recipe: MergeRecipe): Part[] {
  const { elements } = tensor;
  const size = Math.max(1, partSize(tensor, recipe));
  const parts: Part[] = [];
  for (let first = 0; first < elements; first += size)
    parts.push({ first, count: Math.min(size, elements - first) });
  return parts.length === 0 ? [{ first: 0, count: 0 }] : parts;
}

/** Writes one part while the next is made. */
class Writing {
  private pending: Promise<void> = Promise.resolve();
  private turn = 0;

  constructor(
    private readonly writer: SafetensorsWriter,
    private readonly work: ShardWork,
  ) {}

  async part(tensor: TensorMerge, part: Part): Promise<void> {
    const { inputs, outputs, recipe, seed } = this.work;
    if (tensor.kind === 'copy') {
      await this.settle();
      await this.writer.write(tensor.name, await readSame(tensor));
      return;
    }
    const read = await inputs.read(tensor, part);
    this.turn = 1 - this.turn;
    const out = outputs[this.turn]!.subarray(0, part.count);
    const merged = mergePart(recipe, { tensor, part, inputs: read, out, seed });
    await this.settle();
    this.pending = this.writer.append(tensor.name, merged);
    this.pending.catch(() => undefined);
    if (inputs.owns(merged)) await this.settle();
  }

  /** Wait for the write under way. */
  async settle(): Promise<void> {
    await this.pending;
  }
}

function stopWhenAsked(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new ForgeError('AF_MERGE_INTERRUPTED', 'The merge was stopped; what had been written is removed.', {
    fix: 'Run the same command again to start anew.',
  });
}
