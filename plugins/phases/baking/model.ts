import type { TensorDict } from '../../../core/contracts/tensor.js';
import { weightsHash } from '../../../nn/models/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { latentModel, type LatentModel } from '../shared/quantized/latent.js';
import { expanded, pack } from '../shared/quantized/pack.js';
import type { BakingRun } from './prepare.js';

/** The latents on their way through the bakes, and the model that they are in their formats. */
export class BakedModel {
  private shape: LiveModel | null = null;

  constructor(private readonly run: BakingRun) {}

  /** Latents as a model that trains. */
  latent(weights: TensorDict): LatentModel {
    const { ctx, start, quantization } = this.run;
    return latentModel(ctx, start, quantization, weights);
  }

  /** Latents in their formats, as floats: what is asked. All share what is compiled. */
  applied(weights: TensorDict): LiveModel {
    const latents = this.latent(weights);
    const packed = pack(this.run, latents);
    this.shape ??= expanded(this.run, latents, packed);
    return { ...this.shape, weights: packed.weights };
  }
}

/** Names weights in what is saved. */
export function hashOf(weights: TensorDict): string {
  return weightsHash(weights);
}
