import type { Compressor } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { stream } from '../../nn/random/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectClose, expectEqual, expectFinite, expectThat } from '../expect.js';

export interface CompressorConformanceOptions {
  /** Shapes to try besides the usual ones, for codecs with block sizes. */
  readonly shapes?: readonly (readonly number[])[];
  /** Whether it takes tensors of any shape. Default true; otherwise only those of `shapes` are tried. */
  readonly anyShape?: boolean;
  /** Standard deviations of weights that must come back as well. Default 1e-6, 1 and 1e4; fewer for plain half floats. */
  readonly scales?: readonly number[];
  readonly seed?: number;
}

const SHAPES: readonly (readonly number[])[] = [[1], [7], [64], [16, 32], [33, 17], [3, 4, 5]];

function tensor(shape: readonly number[], value: (i: number) => number): HostTensor {
  const length = shape.reduce((product, side) => product * side, 1);
  return { shape, dtype: 'float32', data: Float32Array.from({ length }, (_, i) => value(i)) };
}

/** ||a - b|| / ||b||; 0 for two zero tensors. */
function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  if (norm === 0) return difference === 0 ? 0 : Infinity;
  return Math.sqrt(difference / norm);
}

function roundTrip(compressor: Compressor, input: HostTensor, what: string): HostTensor {
  const packed = compressor.compress(input);
  const header = JSON.parse(JSON.stringify(packed.header)) as typeof packed.header;
  const output = compressor.decompress({ shape: [...packed.shape], bytes: packed.bytes.slice(), header });
  expectEqual([...output.shape], [...input.shape], `${what}: shape`);
  expectEqual(output.dtype, 'float32', `${what}: dtype`);
  expectFinite(output.data, what);
  const error = relativeError(output.data, input.data);
  expectThat(
    error <= compressor.maxRelativeError,
    `${what}: relative error ${error}, declared ${compressor.maxRelativeError}`,
  );
  return output;
}

/** What every codec of weights must do: come back within its declared error, from bytes and a JSON header alone. */
export function compressorConformance(
  subject: Subject<Compressor>,
  options: CompressorConformanceOptions = {},
): ConformanceCase[] {
  const { shapes = [], anyShape = true, scales = [1e-6, 1, 1e4], seed = 7 } = options;
  const normal = (shape: readonly number[], scale = 0.02): HostTensor => {
    const numbers = stream(seed, 'compressor-conformance', shape.join('x'));
    return tensor(shape, () => scale * numbers.normal());
  };
  const all = anyShape ? [...SHAPES, ...shapes] : shapes;
  const matrix = anyShape ? [33, 17] : (shapes[0] ?? []);
  return casesOf(subject, {
    'declares its error': ({ maxRelativeError }) => {
      expectThat(
        Number.isFinite(maxRelativeError) && maxRelativeError >= 0,
        `maxRelativeError is ${maxRelativeError}`,
      );
    },
    'brings normal weights back within its declared error': (compressor) => {
      for (const shape of all) roundTrip(compressor, normal(shape), `normal weights [${shape.join(', ')}]`);
    },
    'does so at any scale': (compressor) => {
      for (const scale of scales) roundTrip(compressor, normal(matrix, scale), `weights of scale ${scale}`);
    },
    'brings zeros back as zeros': (compressor) => {
      for (const shape of all) {
        const zeros = tensor(shape, () => 0);
        expectClose(roundTrip(compressor, zeros, 'zeros').data, zeros.data, 0, 'zeros');
      }
    },
    'gives the same bytes for the same weights': async (compressor) => {
      const other = await subject();
      const [first, second] = [compressor.compress(normal(matrix)), other.compress(normal(matrix))];
      expectEqual([...second.bytes], [...first.bytes], 'bytes');
      expectEqual(second.header, first.header, 'header');
    },
    'does not write to its input': (compressor) => {
      const input = normal(matrix);
      compressor.compress(input);
      expectClose(input.data, normal(matrix).data, 0, 'the tensor that was compressed');
    },
  });
}
