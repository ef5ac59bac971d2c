import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import type { Compressor } from '../../../../core/contracts/compressor.js';
import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { hintsOf } from '../../../../nn/quantization/index.js';
import type { LoopProgress, Trainer } from '../../../../nn/training/index.js';
import type { TrainingReview } from '../training/run.js';

/** Ternary matrices with what makes them so. */
export type TernaryMatrices = readonly {
  readonly tensor: TensorDescription;
  readonly compressor: Compressor;
}[];

/** What the codes of a matrix look like. */
export interface CodeFacts {
  readonly zeros: number;
  /** Of rows, where each has its own: the mean. */
  readonly scale: number;
}

/** What a count found. */
export interface CodeCount {
  readonly step: number;
  /** Share of all codes that are others than at the count before; null at the first. */
  readonly flipRate: number | null;
  readonly matrices: readonly (CodeFacts & { readonly name: string })[];
}

/**
 * Counts, every so many updates, how many ternary codes differ from those of the time before: training settles where fewer
 * and fewer do. Knows the codes of the last count after a resume as well.
 */
export class FlipWatch implements TrainingReview {
  private signs: Readonly<Record<string, Int8Array>> = {};
  /** Share of the codes that flipped, at every count of this process. */
  readonly counted: { readonly step: number; readonly rate: number }[] = [];

  constructor(
    private readonly tell: (count: CodeCount) => void,
    private readonly matrices: TernaryMatrices,
    private readonly trainer: Trainer,
    private readonly every: number,
  ) {}

  async after(progress: LoopProgress): Promise<LoopProgress> {
    if (progress.step % this.every === 0) this.count(progress.step, await this.trainer.weights('param'));
    return progress;
  }

  state(): unknown {
    return null;
  }

  tensors(): TensorDict {
    return Object.fromEntries(
      Object.entries(this.signs).map(([name, signs]) => [
        name,
        { shape: [signs.length], dtype: 'float32', data: Float32Array.from(signs) } satisfies HostTensor,
      ]),
    );
  }

  restore(_: unknown, tensors: TensorDict): void {
    this.signs = Object.fromEntries(
      Object.entries(tensors).map(([name, { data }]) => [name, Int8Array.from(data)]),
    );
  }

  private count(step: number, weights: TensorDict): void {
    const now: Record<string, Int8Array> = {};
    const sums = { flipped: 0, compared: 0 };
    const matrices = this.matrices.map(({ tensor, compressor }) => {
      const values = valuesOf(weights[tensor.name]!, tensor, compressor);
      const signs = Int8Array.from(values, Math.sign);
      const before = this.signs[tensor.name];
      now[tensor.name] = signs;
      if (before !== undefined) {
        sums.compared += signs.length;
        for (let i = 0; i < signs.length; i++) if (signs[i] !== before[i]) sums.flipped++;
      }
      return { name: tensor.name, ...codeFacts(values) };
    });
    this.signs = now;
    const flipRate = sums.compared === 0 ? null : sums.flipped / sums.compared;
    if (flipRate !== null) this.counted.push({ step, rate: flipRate });
    this.tell({ step, flipRate, matrices });
  }
}

/** A watch that knows its codes through a stretch of another trainer, in which none are counted. */
export function uncounted(watch: TrainingReview): TrainingReview {
  return {
    after: (progress) => Promise.resolve(progress),
    state: () => watch.state(),
    tensors: () => watch.tensors(),
    restore: (state, tensors) => watch.restore(state, tensors),
  };
}

/** What a format makes of a tensor. @returns row-major floats */
export function valuesOf(
  latent: HostTensor,
  tensor: TensorDescription,
  compressor: Compressor,
): Float32Array {
  const hints = hintsOf(tensor);
  return compressor.decompress(compressor.compress(latent, hints)).data as Float32Array;
}

/** @param values scale times code */
export function codeFacts(values: Float32Array): CodeFacts {
  let zeros = 0;
  let size = 0;
  for (const value of values) {
    if (value === 0) zeros++;
    size += Math.abs(value);
  }
  const kept = values.length - zeros;
  return { zeros: zeros / values.length, scale: kept === 0 ? 0 : size / kept };
}
