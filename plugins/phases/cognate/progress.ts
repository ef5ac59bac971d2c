import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { ForgeError } from '../../../core/errors/index.js';
import type { FinishedBranch } from './branch.js';

/** What is finished so far, as saved: the arrays of each branch's predictions go beside it as tensors. */
interface SavedProgress {
  readonly corpusHash: string;
  readonly heldOutAtStart: number | null;
  readonly trunk: ArtifactRef | null;
  readonly finished: readonly FinishedBranch[];
}

/** Which parts of the phase are done. Saved whenever one more is, so that a killed run repeats none of them. */
export class PhaseProgress {
  private constructor(
    private readonly ctx: PhaseContext,
    private saved: SavedProgress,
    private ordinal: number,
  ) {}

  /** @throws ForgeError AF_DATA_CHANGED when the saved parts were made on other data */
  static async load(ctx: PhaseContext, corpusHash: string): Promise<PhaseProgress> {
    const checkpoint = await ctx.checkpoints.latest();
    if (checkpoint === null) {
      return new PhaseProgress(ctx, { corpusHash, heldOutAtStart: null, trunk: null, finished: [] }, 0);
    }
    const saved = checkpoint.state as SavedProgress;
    if (saved.corpusHash !== corpusHash) {
      throw new ForgeError(
        'AF_DATA_CHANGED',
        'The training data is not what this session was started with.',
        {
          at: `session ${ctx.sessionId}`,
          fix: 'restore the data files, or start a new session without --resume',
        },
      );
    }
    const finished = saved.finished.map((branch) => withPredictions(branch, checkpoint.tensors));
    return new PhaseProgress(ctx, { ...saved, finished }, checkpoint.step);
  }

  get heldOutAtStart(): number | null {
    return this.saved.heldOutAtStart;
  }

  get trunk(): ArtifactRef | null {
    return this.saved.trunk;
  }

  finished(name: string): FinishedBranch | null {
    return this.saved.finished.find((branch) => branch.name === name) ?? null;
  }

  async started(heldOutAtStart: number): Promise<void> {
    await this.save({ ...this.saved, heldOutAtStart });
  }

  async trunkDone(trunk: ArtifactRef): Promise<void> {
    await this.save({ ...this.saved, trunk });
  }

  async branchDone(branch: FinishedBranch): Promise<void> {
    await this.save({ ...this.saved, finished: [...this.saved.finished, branch] });
  }

  private async save(saved: SavedProgress): Promise<void> {
    const tensors: TensorDict = {};
    const finished = saved.finished.map((branch) => {
      const { predictions, ...rest } = branch.measurements;
      for (const [row, data] of predictions.entries()) {
        tensors[`${branch.name}/${row}`] = { shape: [data.length], dtype: 'float32', data };
      }
      return { ...branch, measurements: { ...rest, predictions: [] } };
    });
    this.ordinal += 1;
    await this.ctx.checkpoints.save(
      { step: this.ordinal, tensors, state: { ...saved, finished } },
      { keep: 2 },
    );
    this.saved = saved;
  }
}

function withPredictions(branch: FinishedBranch, tensors: TensorDict): FinishedBranch {
  const predictions: Float32Array[] = [];
  for (let row = 0; tensors[`${branch.name}/${row}`] !== undefined; row++) {
    predictions.push(tensors[`${branch.name}/${row}`]!.data as Float32Array);
  }
  return { ...branch, measurements: { ...branch.measurements, predictions } };
}
