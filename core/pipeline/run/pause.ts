import { setImmediate as nextTurn } from 'node:timers/promises';
import { ForgeError, isForgeError } from '../../errors/index.js';

/** Whether somebody asked for a pause: through an abort signal or by calling {@link PauseRequest.request}. */
export class PauseRequest {
  private asked = false;
  private readonly listen = (): void => this.request();

  constructor(private readonly signal: AbortSignal | undefined) {
    if (signal?.aborted === true) this.asked = true;
    signal?.addEventListener('abort', this.listen);
  }

  get requested(): boolean {
    return this.asked;
  }

  request(): void {
    this.asked = true;
  }

  /** Let timers and input run; when a pause was asked for, save and leave by throwing the pause signal. */
  async point(save: () => Promise<void>): Promise<void> {
    await nextTurn();
    if (!this.asked) return;
    await save();
    throw new ForgeError('AF_PAUSED', 'The run was paused at a clean checkpoint.', {
      fix: 'Go on with `agentforge run --resume`.',
    });
  }

  /** Whether an error is the pause signal, and not a failure. */
  explains(error: unknown): boolean {
    return this.asked && isForgeError(error, 'AF_PAUSED');
  }

  stop(): void {
    this.signal?.removeEventListener('abort', this.listen);
  }
}
