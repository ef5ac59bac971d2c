import type { TensorDict } from '../../../core/contracts/tensor.js';
import { weightsHash } from '../../../nn/models/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { latentModel, type LatentModel } from '../shared/quantized/latent.js';
import { expanded, pack } from '../shared/quantized/pack.js';
import type { BakingRun } from './prepare.js';

/** The latents on their way through the bakes, and the models that they are in their formats. */
export class BakedModel {
  private shape: LiveModel | null = null;
  private readonly made = new Map<TensorDict, LiveModel>();

  constructor(private readonly run: BakingRun) {}

  /** Latents as a model that trains. */
  latent(weights: TensorDict): LatentModel {
    const { ctx, start, quantization } = this.run;
    return latentModel(ctx, start, quantization, weights);
  }

  /** Latents in their formats, as floats: what is asked, the same one for the same latents. All share what is compiled. */
  applied(weights: TensorDict): LiveModel {
    const known = this.made.get(weights);
    if (known !== undefined) return known;
    const latents = this.latent(weights);
    const packed = pack(this.run, latents);
    this.shape ??= expanded(this.run, latents, packed);
    const model = { ...this.shape, weights: packed.weights };
    this.made.set(weights, model);
    return model;
  }

  /** Let go of the models of all other latents: each holds memory of the engine. */
  async keepOnly(...kept: readonly TensorDict[]): Promise<void> {
    for (const [weights, model] of this.made) {
      if (kept.includes(weights)) continue;
      this.made.delete(weights);
      await this.run.writers.release(model);
    }
  }
}

/** Names weights in what is saved. */
export function hashOf(weights: TensorDict): string {
  return weightsHash(weights);
}
