import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import { countParameters } from '../../../nn/models/index.js';
import { isMultiplied } from '../../../nn/quantization/index.js';
import type { PackedModel } from '../shared/quantized/pack.js';
import type { BitnetRun } from './prepare.js';

/** Bytes that weights take in memory while the model runs. JSON. */
export interface Memory {
  readonly float: number;
  /** Codes and scales of matrices that a kernel multiplies with, floats of everything else. */
  readonly packed: number;
  readonly ratio: number;
}

const FLOAT_BYTES = 4;

/** What the weights of both models take: those of the packed one as the runtime holds them. */
export function memoryOf(
  { ctx, teacher }: Pick<BitnetRun, 'ctx' | 'teacher'>,
  { tensors }: PackedModel,
): Memory {
  const float = FLOAT_BYTES * countParameters(teacher.tensors);
  const packed = tensors.reduce((sum, { tensor, format, compressed }) => {
    const codec = ctx.resolve(COMPRESSOR, format.use, format.options);
    if (codec.packed === undefined || !isMultiplied(tensor))
      return sum + FLOAT_BYTES * countParameters([tensor]);
    const { codes, scales } = codec.packed(compressed);
    return sum + codes.byteLength + scales.byteLength;
  }, 0);
  return { float, packed, ratio: float / packed };
}
