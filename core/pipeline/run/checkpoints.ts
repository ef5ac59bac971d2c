import type { Checkpoint, CheckpointArea } from '../../contracts/index.js';

export interface CheckpointWatch {
  /** Newest checkpoints kept when the phase does not say. */
  readonly keep: number;
  /** Before a checkpoint is written: what was reported so far must be durable first. */
  before(): Promise<void>;
  after(step: number, area: string): Promise<void>;
}

/** An area that tells the run of every checkpoint, its own and those of areas below it. */
export function watchedArea(area: CheckpointArea, watch: CheckpointWatch, path = ''): CheckpointArea {
  return {
    async save(checkpoint: Checkpoint, options) {
      await watch.before();
      await area.save(checkpoint, { keep: options?.keep ?? watch.keep });
      await watch.after(checkpoint.step, path);
    },
    latest: () => area.latest(),
    clear: () => area.clear(),
    child: (name) => watchedArea(area.child(name), watch, path === '' ? name : `${path}/${name}`),
  };
}
