import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { LiveModel } from '../shared/model/open.js';
import type { LatentModel } from '../shared/quantized/latent.js';
import { expanded, halved, pack, running, type PackedModel } from '../shared/quantized/pack.js';
import { recalibrated, type CalibratedModel } from '../shared/training/recalibrate.js';
import type { BakedModel } from './model.js';
import type { BakingRun } from './prepare.js';

/** The baked model in its forms. */
export interface Finished {
  readonly latent: LatentModel;
  readonly packed: PackedModel;
  /** The packed weights as they compute. */
  readonly applied: CalibratedModel;
  /** The file as it runs. */
  readonly live: LiveModel;
  readonly twinWeights: TensorDict;
}

/** Pack what was baked, once, and find out how reliable each of its recursion steps is now. */
export async function finished(run: BakingRun, baked: BakedModel, weights: TensorDict): Promise<Finished> {
  const latent = baked.latent(weights);
  const packed = pack(run, latent);
  const applied = await recalibrated(
    run.measuring,
    expanded(run, latent, packed),
    run.origin.halting,
    () => run.text.selection.batches,
  );
  return { latent, packed, applied, twinWeights: halved(run, packed), live: running(run, applied, packed) };
}
