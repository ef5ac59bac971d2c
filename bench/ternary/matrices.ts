import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Engine, Program } from '../../core/contracts/engine.js';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { packedProduct } from '../../nn/quantization/index.js';
import { stream } from '../../nn/random/index.js';
import { specsOf } from '../../nn/training/state.js';
import { median, milliseconds } from '../timing.js';
import { builtInCompressors, codesOf } from './compressors.js';

/** One row times a matrix of K inputs and N outputs. */
export interface MatrixReport {
  readonly fp32Microseconds: number;
  readonly packedMicroseconds: number;
  readonly ratio: number;
  readonly packedBytes: number;
  /** What reading the codes alone would take at the measured bandwidth. */
  readonly bandwidthMicroseconds: number;
}

/** K, N and the bits of a matrix. */
export type MatrixCase = readonly [width: number, out: number, bits: 2 | 8];

/** Those of the shapes that are measured: linear ones in 2 bits, heads in 8. */
export const MATRICES: readonly MatrixCase[] = [
  [128, 128, 2], [128, 256, 2], [512, 512, 2], [512, 576, 2], [576, 512, 2], [192, 32768, 8],
  [768, 768, 2], [768, 2048, 2], [2048, 768, 2], [768, 32000, 8],
]; // prettier-ignore
/** Different matrices of one shape in a program: what starting it costs is shared out, and no cache holds the large ones. */
const COPIES_BELOW = 2 ** 21;
const MOST_COPIES = 8;
const ROUNDS = 9;
const STREAMED_FLOATS = 2 ** 25;

/** Bytes per second that a program reads from memory at best: the largest element of 128 MiB. */
export async function measureBandwidth(engine: Engine): Promise<number> {
  const numbers = { shape: [64, STREAMED_FLOATS / 64], dtype: 'float32' as const };
  const values = { numbers: { ...numbers, data: new Float32Array(STREAMED_FLOATS) } };
  const program = await engine.compile((_, state) => ({ outputs: { y: tf.max(state['numbers']!, 1) } }), {
    name: 'stream',
    inputs: {},
    state: { numbers },
  });
  const state = await engine.createState(values);
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++)
    times.push(
      await milliseconds(async () => {
        await program.run({}, { state });
      }),
    );
  await state.dispose();
  await program.dispose();
  return (STREAMED_FLOATS * 4) / (Math.min(...times) / 1000);
}

/** Both kinds of products of one row in turns, by shape: `512x576`. */
export async function measureMatrices(
  engine: Engine,
  bandwidth: number,
  cases: readonly MatrixCase[],
): Promise<Record<string, MatrixReport>> {
  const report: Record<string, MatrixReport> = {};
  for (const each of cases) report[`${each[0]}x${each[1]}`] = await measureMatrix(engine, each, bandwidth);
  return report;
}

async function measureMatrix(
  engine: Engine,
  [width, out, bits]: MatrixCase,
  bandwidth: number,
): Promise<MatrixReport> {
  const copies = width * out < COPIES_BELOW ? MOST_COPIES : 1;
  const numbers = stream(1, 'matrix', width, out);
  const weights: TensorDict = Object.fromEntries(
    Array.from({ length: copies }, (_, i) => {
      const data = Float32Array.from({ length: out * width }, () => numbers.uniform() - 0.5);
      return [`w${i}`, { dtype: 'float32', shape: [out, width], data }] as const;
    }),
  );
  const { ternary, int8 } = await builtInCompressors();
  const packed = Object.values(weights).map((weight) => codesOf(bits === 2 ? ternary : int8, weight));
  const state = await engine.createState(weights);
  const floats = await productsOf(engine, weights, null, width);
  const codes = await productsOf(engine, {}, packed, width);
  const x = Float32Array.from({ length: width }, () => numbers.normal());
  const [fp32, coded] = await inTurns(
    async () => {
      await floats.run({ x }, { state });
    },
    async () => {
      await codes.run({ x });
    },
  );
  for (const each of [state, floats, codes]) await each.dispose();
  const { codes: bytes, scales } = packed[0]!;
  const packedBytes = bytes.byteLength + scales.byteLength;
  return {
    fp32Microseconds: (fp32 * 1000) / copies,
    packedMicroseconds: (coded * 1000) / copies,
    ratio: fp32 / coded,
    packedBytes,
    bandwidthMicroseconds: (packedBytes / bandwidth) * 1e6,
  };
}

/** All products of one input, added up so that little is handed out. */
function productsOf(
  engine: Engine,
  weights: TensorDict,
  packed: readonly PackedMatrix[] | null,
  width: number,
): Promise<Program> {
  return engine.compile(
    ({ x }, state) => {
      const row = x as Tensor2D;
      const products =
        packed === null
          ? Object.values(state).map((weight) => tf.matMul(row, weight as Tensor2D, false, true))
          : packed.map((matrix) => packedProduct(row, matrix));
      return { outputs: { y: products.reduce((sum, product) => tf.add(sum, product)) } };
    },
    { name: 'products', inputs: { x: { shape: [1, width], dtype: 'float32' } }, state: specsOf(weights) },
  );
}

async function inTurns(one: () => Promise<void>, other: () => Promise<void>): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -1; round < ROUNDS; round++)
    for (const [i, work] of [one, other].entries()) {
      const repeated = Array.from({ length: 4 }, () => work);
      const spent: number[] = [];
      for (const once of repeated) spent.push(await milliseconds(once));
      if (round >= 0) times[i]!.push(median(spent));
    }
  return [median(times[0]), median(times[1])];
}
