import { COMPRESSOR } from '../../../../core/contracts/compressor.js';
import type { ArtifactRef } from '../../../../core/contracts/model.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { openPacked } from '../../../../storage/packed/index.js';

/** The tensors of a packed file as floats, each read by the compressor that its header names. @throws ForgeError AF_PACKED_FORMAT, AF_PLUGIN_UNKNOWN */
export async function readPackedWeights(
  ctx: Pick<PhaseContext, 'resolve' | 'store'>,
  ref: ArtifactRef,
): Promise<TensorDict> {
  const file = openPacked(await ctx.store.read(ref));
  return Object.fromEntries(
    [...file.tensors].map(([name, { format }]) => [
      name,
      ctx.resolve(COMPRESSOR, format.use, format.options).decompress(file.read(name)),
    ]),
  );
}
