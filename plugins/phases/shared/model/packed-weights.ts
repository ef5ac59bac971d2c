import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import type { ArtifactRef, ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { storedWeights } from '../../../../nn/quantization/index.js';
import { isPacked, openPacked, openPackedModel } from '../../../../storage/index.js';

type Reading = Pick<PhaseContext, 'resolve' | 'store'>;

/**
 * The tensors of a packed file as floats, each read by the compressor that its header names.
 * @throws ForgeError AF_PACKED_FORMAT, AF_PLUGIN_UNKNOWN, AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function readPackedWeights(ctx: Reading, ref: ArtifactRef): Promise<TensorDict> {
  return storedWeights(ctx, openPacked(await ctx.store.read(ref), ref.name));
}

/**
 * The weights of a model as floats, whatever file they are in.
 *
 * @param described tensors of the model; a packed file must hold these and no others. Null: they are not compared
 * @throws ForgeError as {@link readPackedWeights}; AF_MODEL_TENSORS when a packed file is of another model than its record
 */
export async function readModelWeights(
  ctx: Reading,
  model: Pick<ModelRef, 'id' | 'config' | 'weights'>,
  described: readonly TensorDescription[] | null = null,
): Promise<TensorDict> {
  if (!isPacked(model)) return ctx.store.readTensors(model.weights);
  const bytes = await ctx.store.read(model.weights);
  return storedWeights(
    ctx,
    openPackedModel(bytes, { config: model.config, described, at: `model ${model.id}` }),
  );
}
