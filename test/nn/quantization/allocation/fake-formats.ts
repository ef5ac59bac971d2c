import type { TensorDescription, TensorRole } from '../../../../core/contracts/architecture.js';
import type { Compressor } from '../../../../core/contracts/compressor.js';
import type { WeightFormats } from '../../../../nn/quantization/index.js';

const BITS = { ternary: 2, int4: 4, int8: 8, float16: 16 };

/** Weights in steps of 2^(1 - bits) of the largest: enough of a codec to have bytes and errors that fall with the bits. */
function codec(bits: number): Compressor {
  return {
    maxRelativeError: 1,
    compress: ({ shape, data }) => {
      const step = 2 ** (1 - bits) * Math.max(...Array.from(data, Math.abs));
      const rounded = Float32Array.from(data, (value) => Math.round(value / step) * step);
      return { shape, header: {}, bytes: new Uint8Array(rounded.buffer) };
    },
    decompress: ({ shape, bytes }) => ({ shape, dtype: 'float32', data: new Float32Array(bytes.buffer) }),
    bytes: (shape) => Math.ceil((shape.reduce((product, side) => product * side, 1) * bits) / 8),
  };
}

export const fakeFormats: WeightFormats = Object.fromEntries(
  Object.entries(BITS).map(([use, bits]) => [use, { format: { use }, compressor: codec(bits) }]),
);

export function matrix(
  name: string,
  role: TensorRole,
  shape: readonly number[],
  more: Partial<TensorDescription> = {},
): TensorDescription {
  return { name, role, shape, init: { kind: 'normal', std: 1 }, linear: true, ...more };
}

/** Two blocks between a table and a head: 64 wide, linear matrices of 4,096 weights and more. */
export const MODEL: readonly TensorDescription[] = [
  matrix('table', 'embedding', [256, 64], { linear: false }),
  ...[0, 1].flatMap((layer) => [
    matrix(`layers.${layer}.query`, 'attention-query', [64, 64], { layer }),
    matrix(`layers.${layer}.key`, 'attention-key', [64, 16], { layer }),
    matrix(`layers.${layer}.value`, 'attention-value', [64, 64], { layer }),
    matrix(`layers.${layer}.output`, 'attention-output', [64, 64], { layer }),
    matrix(`layers.${layer}.gate`, 'ffn-gate', [64, 128], { layer }),
    matrix(`layers.${layer}.up`, 'ffn-up', [64, 128], { layer }),
    matrix(`layers.${layer}.down`, 'ffn-down', [128, 64], { layer }),
  ]),
  matrix('recursion.first', 'recursion', [64, 64]),
  matrix('mixer', 'gate', [64, 64]),
  matrix('norm', 'norm', [64], { linear: false }),
];
