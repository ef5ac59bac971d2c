import type { StoreContext } from '../../../core/contracts/phase.js';
import type { CheckpointArea } from '../../../core/contracts/store.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { ForgeError } from '../../../core/errors/index.js';

/** What a checkpoint of a phase holds. */
export interface Saved<S> {
  /** Larger is later. */
  readonly step: number;
  /** JSON. */
  readonly state: S;
  readonly tensors: TensorDict;
}

interface Stored {
  readonly subject: string;
  readonly state: unknown;
}

/**
 * Checkpoints that belong to one subject (the data, the models that came in): going on from one that was made on
 * something else is refused.
 */
export class SavedProgress<S> {
  /**
   * @param subject identifies what the work is done on
   * @param what the subject in words, for the message: `The training data`
   */
  constructor(
    private readonly ctx: Pick<StoreContext, 'sessionId'>,
    private readonly area: CheckpointArea,
    private readonly subject: string,
    private readonly what: string,
  ) {}

  /** The newest, or null when there is none. @throws ForgeError AF_DATA_CHANGED */
  async latest(): Promise<Saved<S> | null> {
    const checkpoint = await this.area.latest();
    if (checkpoint === null) return null;
    const { subject, state } = checkpoint.state as Stored;
    if (subject === this.subject) return { ...checkpoint, state: state as S };
    throw new ForgeError('AF_DATA_CHANGED', `${this.what} not what this session was started with.`, {
      at: `session ${this.ctx.sessionId}`,
      fix: 'restore the data files, or start a new session without --resume',
    });
  }

  /** @param keep newest ones that stay */
  async save({ step, tensors, state }: Saved<S>, keep: number): Promise<void> {
    const stored: Stored = { subject: this.subject, state };
    await this.area.save({ step, tensors, state: stored }, { keep });
  }
}
