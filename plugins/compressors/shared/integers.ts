import type { CompressedTensor, CompressionHints, Compressor } from '../../../core/contracts/compressor.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import { halfBytes, halvesOf, requireBytes } from '../../../nn/packing/index.js';
import {
  blocksOf,
  fastBlock,
  integers,
  integerStraightThrough,
  integerValues,
  packMatrix,
  rowsOf,
  type IntegerFormat,
  type IntegerTensor,
} from '../../../nn/quantization/index.js';
import { floatBytes, floatsOf, joined, requireFiniteScales, requireFiniteWeights, sizeOf } from './bytes.js';
import { layoutHeader, layoutOf } from './layout.js';

/** A codec of integers: codes as the tensor lies, then the scales of its rows. */
export interface IntegerCodec {
  readonly name: string;
  readonly bits: 4 | 8;
  readonly format: IntegerFormat;
  readonly maxRelativeError: number;
  /** Bytes of `count` codes. */
  codeBytes(count: number): number;
  pack(codes: Int8Array): Uint8Array;
  /** @throws ForgeError AF_COMPRESSED_FORMAT */
  unpack(bytes: Uint8Array, count: number): Int8Array;
}

/** The compressor of a codec. */
export function integerCompressor(codec: IntegerCodec): Compressor {
  const { name, bits, format, maxRelativeError } = codec;
  return {
    maxRelativeError,
    compress: (tensor, hints) => {
      requireFiniteWeights(tensor);
      const { codes, scales } = integers(tensor, format, hints);
      const stored = format.scales === 'float16' ? halfBytes(scales) : floatBytes(scales);
      const header = layoutHeader(hints);
      return { shape: tensor.shape, bytes: joined(codec.pack(codes), stored), header };
    },
    decompress: (compressed): HostTensor =>
      integerValues(integersOf(codec, compressed), format, layoutOf(name, compressed)),
    straightThrough: (weight, hints) => integerStraightThrough(weight, format, hints),
    packed: (compressed) => {
      const hints = layoutOf(name, compressed);
      const { shape, codes, scales } = integersOf(codec, compressed);
      const { length } = rowsOf(shape, 'row', hints);
      const blocks = blocksOf(format, length);
      const size = format.block ?? length;
      const scale = (row: number, k: number) => scales[row * blocks + Math.floor(k / size)]!;
      const block = format.block ?? fastBlock(length);
      return packMatrix({ shape, codes, scale }, { bits, block }, hints);
    },
    inputBlock: (width) => format.block ?? fastBlock(width),
    bytes: (shape, hints) => codec.codeBytes(sizeOf(shape)) + scaleBytes(codec, shape, hints),
  };
}

function scaleBytes(
  { format }: IntegerCodec,
  shape: readonly number[],
  hints: CompressionHints | undefined,
): number {
  const rows = rowsOf(shape, 'row', hints);
  return rows.count * blocksOf(format, rows.length) * (format.scales === 'float16' ? 2 : 4);
}

function integersOf(codec: IntegerCodec, compressed: CompressedTensor): IntegerTensor {
  const { name, format } = codec;
  const { shape, bytes } = compressed;
  const count = sizeOf(shape);
  const end = codec.codeBytes(count);
  requireBytes(name, bytes, end + scaleBytes(codec, shape, layoutOf(name, compressed)));
  const stored = bytes.subarray(end);
  const scales = format.scales === 'float16' ? halvesOf(stored) : floatsOf(stored);
  return {
    shape,
    codes: codec.unpack(bytes.subarray(0, end), count),
    scales: requireFiniteScales(name, scales),
  };
}
