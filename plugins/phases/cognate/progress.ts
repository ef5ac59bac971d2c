import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { StoreContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { SavedProgress } from '../shared/resume.js';
import type { FinishedBranch } from './branch.js';

/** What is finished so far, as saved: the arrays of each branch's predictions go beside it as tensors. */
interface Done {
  readonly heldOutAtStart: number | null;
  readonly trunk: ArtifactRef | null;
  readonly finished: readonly FinishedBranch[];
}

/** Checkpoints of the phase itself that stay. */
const KEPT = 2;
const NOTHING: Done = { heldOutAtStart: null, trunk: null, finished: [] };

/** Which parts of the phase are done. Saved whenever one more is, so that a killed run repeats none of them. */
export class PhaseProgress {
  private constructor(
    private readonly area: SavedProgress<Done>,
    private done: Done,
    private ordinal: number,
  ) {}

  /** @throws ForgeError AF_DATA_CHANGED when the saved parts were made on other data */
  static async load(
    ctx: Pick<StoreContext, 'sessionId' | 'checkpoints'>,
    corpusHash: string,
  ): Promise<PhaseProgress> {
    const area = new SavedProgress<Done>(ctx, ctx.checkpoints, corpusHash, 'The training data is');
    const saved = await area.latest();
    if (saved === null) return new PhaseProgress(area, NOTHING, 0);
    const finished = saved.state.finished.map((branch) => withPredictions(branch, saved.tensors));
    return new PhaseProgress(area, { ...saved.state, finished }, saved.step);
  }

  get heldOutAtStart(): number | null {
    return this.done.heldOutAtStart;
  }

  get trunk(): ArtifactRef | null {
    return this.done.trunk;
  }

  finished(name: string): FinishedBranch | null {
    return this.done.finished.find((branch) => branch.name === name) ?? null;
  }

  async started(heldOutAtStart: number): Promise<void> {
    await this.save({ ...this.done, heldOutAtStart });
  }

  async trunkDone(trunk: ArtifactRef): Promise<void> {
    await this.save({ ...this.done, trunk });
  }

  async branchDone(branch: FinishedBranch): Promise<void> {
    await this.save({ ...this.done, finished: [...this.done.finished, branch] });
  }

  private async save(done: Done): Promise<void> {
    const tensors: TensorDict = {};
    const finished = done.finished.map((branch) => {
      const { predictions, ...rest } = branch.measurements;
      for (const [row, data] of predictions.entries()) {
        tensors[`${branch.name}/${row}`] = { shape: [data.length], dtype: 'float32', data };
      }
      return { ...branch, measurements: { ...rest, predictions: [] } };
    });
    this.ordinal += 1;
    await this.area.save({ step: this.ordinal, tensors, state: { ...done, finished } }, KEPT);
    this.done = done;
  }
}

function withPredictions(branch: FinishedBranch, tensors: TensorDict): FinishedBranch {
  const predictions: Float32Array[] = [];
  for (let row = 0; tensors[`${branch.name}/${row}`] !== undefined; row++) {
    predictions.push(tensors[`${branch.name}/${row}`]!.data as Float32Array);
  }
  return { ...branch, measurements: { ...branch.measurements, predictions } };
}
