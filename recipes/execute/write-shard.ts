import { join } from 'node:path';
import { ForgeError } from '../../errors/index.js';
import type { FileSystem } from '../../storage/file-system.js';
import {
  createUnhashedWriter,
  type SafetensorsWriter,
  type WrittenFile,
} from '../../storage/safetensors/index.js';
import type { Shard } from '../output/shards.js';
import type { TensorMerge } from '../plan/tensor-merge.js';
import type { MergeRecipe } from '../recipe.js';
import type { MergeBuffers } from './buffers.js';
import { readSame, type Part } from './inputs.js';
import { measurePart, mergePart } from './merge-part.js';
import { partsOf } from './parts.js';

/** What is known of a written file; its hash is left to whoever merges the result in turn. */
export type Written = Pick<WrittenFile, 'bytes'>;

/** What all shards of a merge share. */
export interface ShardWork {
  readonly recipe: MergeRecipe;
  readonly seed: number;
  readonly folder: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly buffers: MergeBuffers;
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
    await new Assembly(writer, work, partsOf(ordered, work.recipe)).run();
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Reads one part, merges the one before it and writes the one before that, all at the same time where there is room. */
class Assembly {
  private writing: Promise<void> = Promise.resolve();
  private ahead: Promise<Float32Array[]> | null = null;
  /** Of the tensor at hand, as far as it is measured. */
  private statistics: Float64Array | undefined;

  constructor(
    private readonly writer: SafetensorsWriter<Written>,
    private readonly work: ShardWork,
    private readonly parts: readonly Part[],
  ) {}

  async run(): Promise<void> {
    try {
      for (const [turn, part] of this.parts.entries()) {
        stopWhenAsked(this.work.signal);
        if (part.tensor.kind === 'copy') await this.copy(part);
        else if (part.pass === 'measure') await this.measure(part, turn);
        else await this.merge(part, turn);
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

  private async measure(part: Part, turn: number): Promise<void> {
    const { recipe, seed } = this.work;
    const inputs = await this.inputs(part, turn);
    const measured = measurePart(recipe, { part, inputs, seed });
    const before = part.first === 0 ? undefined : this.statistics;
    this.statistics = before === undefined ? measured : measured.map((value, i) => value + before[i]!);
  }

  private async merge(part: Part, turn: number): Promise<void> {
    const { buffers, recipe, seed } = this.work;
    const inputs = await this.inputs(part, turn);
    if (!buffers.canWriteBehind) await this.writing;
    const out = buffers.output(turn).subarray(0, part.count);
    const statistics = part.pass === 'merge measured' ? this.statistics : undefined;
    const merged = mergePart(recipe, { part, inputs, out, seed, statistics });
    await this.writing;
    this.writing = this.writer.append(part.tensor.name, merged);
    // Whoever awaits it hears of the failure; until then it must not count as unheard.
    this.writing.catch(() => undefined);
    if (buffers.owns(merged)) await this.writing;
  }

  private async inputs(part: Part, turn: number): Promise<Float32Array[]> {
    const inputs = await (this.ahead ?? this.work.buffers.read(part, turn));
    this.ahead = this.readAhead(turn + 1);
    return inputs;
  }

  /** The next part, where there are buffers for it beside the ones in use. */
  private readAhead(turn: number): Promise<Float32Array[]> | null {
    const next = this.parts[turn];
    if (!this.work.buffers.canReadAhead || next === undefined || next.tensor.kind === 'copy') return null;
    const reading = this.work.buffers.read(next, turn);
    reading.catch(() => undefined);
    return reading;
  }
}

function stopWhenAsked(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new ForgeError('AF_MERGE_INTERRUPTED', 'The merge was stopped; what had been written is removed.', {
    fix: 'Run the same command again to start anew.',
  });
}
