import type { TensorDict } from '../../../core/contracts/tensor.js';
import type { LiveModel } from '../shared/model/open.js';
import type { LatentModel } from '../shared/quantized/latent.js';
import { expanded, halved, pack, running, type PackedModel } from '../shared/quantized/pack.js';
import { recalibrated, type CalibratedModel } from '../shared/training/recalibrate.js';
import type { CurriculumRun } from './prepare.js';
import type { Forge } from './training.js';

/** The trained model in its forms. */
export interface Finished {
  readonly latent: LatentModel;
  readonly trainingState: TensorDict;
  readonly packed: PackedModel;
  /** The packed weights as they compute. */
  readonly applied: CalibratedModel;
  /** The file as it runs. */
  readonly live: LiveModel;
  readonly twinWeights: TensorDict;
}

/** Pack what was trained, once, and find out how reliable each of its recursion steps is now. */
export async function finished(run: CurriculumRun, forge: Forge): Promise<Finished> {
  const latent = await forge.model();
  const packed = pack(run, latent);
  const applied = await recalibrated(
    run.measuring,
    expanded(run, latent, packed),
    run.origin.halting,
    () => run.text.selection.batches,
  );
  return {
    ...{ latent, packed, applied, twinWeights: halved(run, packed) },
    trainingState: forge.step === 0 ? {} : await forge.state(),
    live: running(run, applied, packed),
  };
}
