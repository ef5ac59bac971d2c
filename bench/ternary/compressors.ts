import type { TensorDescription } from '../../core/contracts/architecture.js';
import { COMPRESSOR, type Compressor, type PackedMatrix } from '../../core/contracts/compressor.js';
import type { Quantization } from '../../core/contracts/quantization.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import type { Compressors } from '../../nn/quantization/index.js';
import { int4, int8, ternary } from '../../plugins/compressors/index.js';
import { implementationOf } from '../../testing/implementation.js';

/** The built-in compressors with their defaults: what is measured is what models are stored in. */
export interface BuiltIn {
  readonly ternary: Compressor;
  readonly int8: Compressor;
  readonly int4: Compressor;
}

export async function builtInCompressors(): Promise<BuiltIn> {
  const [of2, of8, of4] = await Promise.all(
    [ternary(), int8(), int4()].map((plugin) => implementationOf(COMPRESSOR, plugin)),
  );
  return { ternary: of2!, int8: of8!, int4: of4! };
}

/** A matrix [out, in] in codes. @param compressor one that has codes */
export function codesOf(compressor: Compressor, weight: HostTensor): PackedMatrix {
  return compressor.packed!(compressor.compress(weight, { layout: 'out-in' }));
}

/** Linear matrices ternary, tables and heads in `tables`. */
export function formatsOf(
  tensors: readonly TensorDescription[],
  tables: 'int8' | 'int4',
): Quantization['formats'] {
  return Object.fromEntries(
    tensors.flatMap(({ name, role, linear }) => {
      if (role === 'embedding' || role === 'output-head') return [[name, { use: tables }]];
      return linear === true ? [[name, { use: 'ternary' }]] : [];
    }),
  );
}

/** The compressor of each format. */
export function compressorsOf(builtIn: BuiltIn, formats: Quantization['formats']): Compressors {
  return Object.fromEntries(
    Object.entries(formats).map(([name, { use }]) => [name, builtIn[use as keyof BuiltIn]]),
  );
}
