import { join } from 'node:path';
import { ForgeError } from '../../../core/errors/index.js';
import type { FileSystem } from '../../../storage/file-system.js';
import {
  createUnhashedWriter,
  type SafetensorsWriter,
  type WrittenFile,
} from '../../../storage/safetensors/index.js';
import type { Shard } from '../output/shards.js';
import type { TensorMerge } from '../plan/tensor-merge.js';
import type { MergeRecipe } from '../recipe.js';
import type { MergeBuffers } from './buffers.js';
import { readSame, type InputBuffers, type Part } from './inputs.js';
import { measurePart, mergePart } from './merge-part.js';
import { partsOf } from './parts.js';
import type { Loan } from './pool.js';

/** What is known of a written file; its hash is left to whoever merges the result in turn. */
export type Written = Pick<WrittenFile, 'bytes'>;

/** What all shards of a merge share. */
export interface ShardWork {
  readonly recipe: MergeRecipe;
  readonly seed: number;
  readonly folder: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly buffers: MergeBuffers;
  /** See {@link partsOf}. */
  readonly partElements: number;
  readonly files: FileSystem;
  readonly signal: AbortSignal | undefined;
  /** Told after each part. */
  readonly onPart: (part: Part) => void;
}

/** Make and write the tensors of one file. */
export async function writeShard(shard: Shard<TensorMerge>, work: ShardWork): Promise<Written> {
  const { file, tensors } = shard;
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const path = join(work.folder, file);
  const writer = await createUnhashedWriter(path, tensors, work.metadata, work.files);
  try {
    const ordered = writer.order.map((name) => byName.get(name)!);
    await new Assembly(writer, work, partsOf(ordered, work.recipe, work.partElements)).run();
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Inputs of a part in memory that is lent until they were looked at. */
interface ReadPart {
  readonly inputs: readonly Float32Array[];
  readonly loan: Loan<InputBuffers>;
}

/**
 * Reads one part, merges the one before it and writes the one before that, all at the same time where there is room.
 * Memory is lent for each of these and given back when it is done.
 */
class Assembly {
  private writing: Promise<void> = Promise.resolve();
  private ahead: Promise<ReadPart> | null = null;
  /** Of the tensor at hand, as far as it is measured. */
  private statistics: Float64Array | undefined;

  constructor(
    private readonly writer: SafetensorsWriter<Written>,
    private readonly work: ShardWork,
    private readonly parts: readonly Part[],
  ) {}

  async run(): Promise<void> {
    try {
      for (const [index, part] of this.parts.entries()) {
        stopWhenAsked(this.work.signal);
        if (part.tensor.kind === 'copy') await this.copy(part);
        else {
          const { inputs, loan } = await this.read(part, this.parts[index + 1]);
          if (part.pass === 'measure') this.measure(part, inputs);
          else await this.merge(part, inputs);
          loan.giveBack();
        }
        this.work.onPart(part);
      }
      await this.writing;
    } catch (error) {
      await Promise.allSettled([this.writing, this.ahead]);
      throw error;
    }
  }

  private async copy({ tensor }: Part): Promise<void> {
    await this.writing;
    await this.writer.write(tensor.name, await readSame(tensor));
  }

  private measure(part: Part, inputs: readonly Float32Array[]): void {
    const { recipe, seed } = this.work;
    const measured = measurePart(recipe, { part, inputs, seed });
    const before = part.first === 0 ? undefined : this.statistics;
    // Kept as a copy: a technique may give the same memory every time.
    this.statistics = measured.map((value, i) => value + (before?.[i] ?? 0));
  }

  /** The result is in memory of its own when this is done; it is written meanwhile. */
  private async merge(part: Part, inputs: readonly Float32Array[]): Promise<void> {
    const { buffers, recipe, seed } = this.work;
    const loan = await buffers.results.lend();
    const out = loan.lent.subarray(0, part.count);
    const statistics = part.pass === 'merge measured' ? this.statistics : undefined;
    mergePart(recipe, { part, inputs, out, seed, statistics });
    await this.writing;
    this.writing = this.writer.append(part.tensor.name, out).finally(() => loan.giveBack());
    // Whoever awaits it hears of the failure; until then it must not count as unheard.
    this.writing.catch(() => undefined);
  }

  /** The inputs of a part, while those of the next are read where there is memory for them. */
  private async read(part: Part, next: Part | undefined): Promise<ReadPart> {
    const read = await (this.ahead ?? readPart(part, await this.work.buffers.inputs.lend()));
    this.ahead = null;
    const free = next?.tensor.kind === 'merge' ? this.work.buffers.inputs.lendNow() : null;
    if (next !== undefined && free !== null) {
      this.ahead = readPart(next, free);
      this.ahead.catch(() => undefined);
    }
    return read;
  }
}

async function readPart(part: Part, loan: Loan<InputBuffers>): Promise<ReadPart> {
  return { inputs: await loan.lent.read(part), loan };
}

function stopWhenAsked(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new ForgeError('AF_MERGE_INTERRUPTED', 'The merge was stopped; what had been written is removed.', {
    fix: 'Run the same command again to start anew.',
  });
}
