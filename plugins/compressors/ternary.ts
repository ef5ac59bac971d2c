import { Type } from '@sinclair/typebox';
import { defineCompressor, type CompressedTensor } from '../../core/contracts/compressor.js';
import { withDefault } from '../../core/contracts/options.js';
import { packT5, requireBytes, t5Bytes, unpackT5 } from '../../nn/packing/index.js';
import {
  fastBlock,
  packMatrix,
  PUBLISHED,
  rowsOf,
  ternary as ternaryOf,
  ternaryStraightThrough,
  ternaryValues,
  type TernaryTensor,
} from '../../nn/quantization/index.js';
import {
  floatBytes,
  floatsOf,
  joined,
  requireFiniteScales,
  requireFiniteWeights,
  sizeOf,
} from './shared/bytes.js';
import { choiceOf, layoutHeader, layoutOf } from './shared/layout.js';

const GRANULARITIES = ['tensor', 'row'] as const;

const Options = Type.Object(
  {
    granularity: withDefault(
      Type.Union([Type.Literal('tensor'), Type.Literal('row')], {
        description: 'Weights that share a scale: the whole tensor, or a row of outputs',
      }),
      PUBLISHED.granularity,
    ),
    measure: withDefault(
      Type.Union([Type.Literal('mean'), Type.Literal('median')], {
        description: 'What a weight is measured by: the mean or the median of |w|',
      }),
      PUBLISHED.measure,
    ),
    threshold: withDefault(
      Type.Number({
        minimum: 0,
        description: 'Weights up to this share of the measure become 0; 0.5 is rounding to the nearest',
      }),
      PUBLISHED.threshold,
    ),
    scale: withDefault(
      Type.Union([Type.Literal('measure'), Type.Literal('kept')], {
        description:
          'Scale of what is kept: the measure (published), or the mean of the kept |w| (least squares)',
      }),
      PUBLISHED.scale,
    ),
    block: withDefault(
      Type.Union(
        [Type.Literal(16), Type.Literal(32), Type.Literal(64), Type.Literal(128), Type.Literal(256)],
        {
          description:
            'Inputs that share a scale in the packed kernel, at most; it changes speed, not weights',
        },
      ),
      128,
    ),
  },
  { additionalProperties: false },
);

/**
 * Ternary weights of BitNet b1.58 (Ma et al. 2024): codes -1, 0 and 1, five to a byte, then a float32 scale for the tensor
 * or for each row of outputs. A scale is at least 1e-5, so weights far below that do not come back.
 */
export const ternary = defineCompressor({
  name: 'ternary',
  description: 'Weights -1, 0 and 1 times a scale, 1.6 bits each (BitNet b1.58)',
  options: Options,
  create: ({ block, ...options }) => ({
    // No weights come back worse than zeros would: |w|^2 - |w - a t|^2 = a sum of (2 |w| - a) over the kept. Over all
    // weights the sum is not negative, as a is their mean or lower median, and those left out are below a / 2 or add to it.
    maxRelativeError: 1,
    compress: (tensor, hints) => {
      requireFiniteWeights(tensor);
      const { codes, scales } = ternaryOf(tensor, options, hints);
      const header = { ...layoutHeader(hints), granularity: options.granularity };
      return { shape: tensor.shape, bytes: joined(packT5(codes), floatBytes(scales)), header };
    },
    decompress: (compressed) => ternaryValues(codesOf(compressed), layoutOf('ternary', compressed)),
    straightThrough: (weight, hints) => ternaryStraightThrough(weight, options, hints),
    packed: (compressed) => {
      const hints = layoutOf('ternary', compressed);
      const { shape, codes, scales } = codesOf(compressed);
      const scale = (row: number) => scales[scales.length === 1 ? 0 : row]!;
      const { length } = rowsOf(shape, 'row', hints);
      return packMatrix(
        { shape, codes, scale },
        { bits: 2, block: Math.min(block, fastBlock(length)) },
        hints,
      );
    },
    inputBlock: (width) => Math.min(block, fastBlock(width)),
    bytes: (shape, hints) => t5Bytes(sizeOf(shape)) + 4 * rowsOf(shape, options.granularity, hints).count,
  }),
});

function codesOf(compressed: CompressedTensor): TernaryTensor {
  const { shape, bytes, header } = compressed;
  const granularity = choiceOf('ternary', header, 'granularity', GRANULARITIES);
  const rows = rowsOf(shape, granularity, layoutOf('ternary', compressed));
  const count = sizeOf(shape);
  const end = t5Bytes(count);
  requireBytes('ternary', bytes, end + 4 * rows.count);
  return {
    shape,
    codes: unpackT5(bytes.subarray(0, end), count),
    scales: requireFiniteScales('ternary', floatsOf(bytes.subarray(end))),
  };
}
