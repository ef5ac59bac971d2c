import type { Engine } from '../../../core/contracts/engine.js';
import type { ArtifactRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { Checkpoint } from '../../../core/contracts/store.js';
import { MixtureSampler, capWeights, categoryWeights, type MixtureWeights } from '../../../nn/data/index.js';
import type { HostBatch } from '../../../nn/training/index.js';
import type { StartingModel } from '../shared/starting-model.js';
import type { Corpus } from './corpus.js';
import type { CognateOptions, Specialization } from './options.js';
import type { PhaseProgress } from './progress.js';
import type { PhaseShares } from './shares.js';

/** The common ancestor and what was measured before anything was trained. */
export interface Trunk {
  /** Averaged weights. */
  readonly weights: ArtifactRef;
  /** Held-out loss of the untrained model, nats. */
  readonly heldOutAtStart: number;
  /** Full training state at the branching point. */
  readonly end: Checkpoint;
}

/** Everything the parts of the phase share. */
export interface CognateRun {
  readonly ctx: PhaseContext;
  readonly options: CognateOptions;
  /** Null: from nothing. */
  readonly start: StartingModel | null;
  readonly corpus: Corpus;
  readonly engine: Engine;
  readonly progress: PhaseProgress;
  readonly shares: PhaseShares;
}

/** Share of each dataset: the mix of kinds divided among the datasets of each kind, no share above the cap. */
export function mixture(corpus: Corpus, options: CognateOptions, mix: Specialization['mix']): MixtureWeights {
  return capWeights(categoryWeights(corpus.sets, mix), options.data.cap);
}

/** Training batches of a mixture. */
export function sampler(
  { corpus, options }: Pick<CognateRun, 'corpus' | 'options'>,
  seed: number,
  weightsAt: (step: number) => MixtureWeights,
): MixtureSampler {
  const sources = corpus.sets.map(({ name, train }) => ({ name, rows: train }));
  return new MixtureSampler({ sources, weightsAt, seed, batchesPerStep: options.training.accumulation });
}

/** Held-out batches of all datasets. */
export function heldOutBatches(corpus: Corpus): HostBatch[] {
  return corpus.sets.flatMap((set) => set.heldOut);
}

/**
 * Reports batches as they are done, with the time left, and lets a pause leave between them: what is measured is
 * measured again after a resume, so there is nothing to save.
 *
 * @param fraction of the whole phase, by the batches done
 */
export function batchProgress(
  ctx: PhaseContext,
  task: string,
  total: number,
  fraction: (done: number) => number,
): (done: number) => Promise<void> {
  const started = performance.now();
  return async (done) => {
    const seconds = (performance.now() - started) / 1000;
    ctx.progress({
      task,
      done,
      total,
      unit: 'batch',
      values: {},
      etaSeconds: (seconds / done) * (total - done),
      phaseFraction: fraction(done),
    });
    await ctx.pausePoint(() => Promise.resolve());
  };
}
