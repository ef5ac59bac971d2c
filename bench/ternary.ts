import { ARCHITECTURE, ENGINE, type Engine, type Plugin } from '../core/contracts/index.js';
import type { TensorDescription } from '../core/contracts/architecture.js';
import type { PackedMatrix } from '../core/contracts/compressor.js';
import { normName, type Quantization } from '../core/contracts/quantization.js';
import type { TensorDict } from '../core/contracts/tensor.js';
import type { WritingModel } from '../nn/generation/rows-reader.js';
import { countParameters, initializeWeights } from '../nn/models/index.js';
import { packedModel } from '../nn/quantization/index.js';
import { llama } from '../plugins/architectures/llama/index.js';
import { titansMag } from '../plugins/architectures/titans-mag/index.js';
import { onnxruntime } from '../plugins/engines/onnxruntime/index.js';
import { completeHyperparameters } from '../testing/fixtures/tiny-model.js';
import { implementationOf } from '../testing/implementation.js';
import { measureRates, type Rates } from './ternary/measure.js';
import { packMatrices } from './ternary/packers.js';

const BATCHES = [1, 8] as const;
const TABLE_BITS = 8;

/** A shape to measure. */
export interface TernaryShape {
  readonly name: string;
  readonly architecture: () => Plugin;
  readonly size: string;
}

export const SHAPES: readonly TernaryShape[] = [
  { name: 'titans-mag 1m', architecture: () => titansMag(), size: '1m' },
  { name: 'titans-mag 25m', architecture: () => titansMag(), size: '25m' },
  { name: 'llama 110m', architecture: () => llama(), size: '110m' },
];

/** Bytes of weights as a program holds them, and what is carried for the texts. */
interface Way extends Rates {
  readonly weightBytes: number;
}

export interface ShapeReport {
  readonly parameters: number;
  readonly batches: Readonly<
    Record<
      string,
      {
        readonly fp32: Way;
        readonly packed: Way;
        readonly decodeRatio: number;
        readonly prefillRatio: number;
      }
    >
  >;
}

/**
 * `agentforge bench ternary`: models of random weights whose matrices are ternary codes (tables and heads 8 bits) beside
 * the same models in float32, on the same engine, in turns: tokens read and written per second, bytes of the weights.
 */
export async function run(
  say: (line: string) => void,
  shapes: readonly TernaryShape[] = SHAPES,
  batches: readonly number[] = BATCHES,
): Promise<Readonly<Record<string, unknown>>> {
  const engine = await (await implementationOf(ENGINE, onnxruntime())).open();
  try {
    const report: Record<string, ShapeReport> = {};
    say(`${engine.info.name} ${engine.info.version}, ${engine.info.device}`);
    for (const shape of shapes) report[shape.name] = await measureShape(engine, shape, batches, say);
    return { engine: engine.info, shapes: report };
  } finally {
    await engine.dispose();
  }
}

async function measureShape(
  engine: Engine,
  { name, architecture: plugin, size }: TernaryShape,
  batches: readonly number[],
  say: (line: string) => void,
): Promise<ShapeReport> {
  const architecture = await implementationOf(ARCHITECTURE, plugin());
  const config = await completeHyperparameters(architecture, architecture.sizes![size]!);
  const tensors = architecture.describe(config);
  const weights = initializeWeights(tensors, 42);
  const plain: WritingModel = { engine, architecture, config, weights };
  const packed = packMatrices(tensors, weights, TABLE_BITS);
  const quantization = quantizationOf(tensors);
  const small = packedModel(
    architecture,
    tensors,
    withGains(weights, tensors, quantization),
    quantization,
    {},
    packed,
  );
  const codes: WritingModel = { engine, config, architecture: small.architecture, weights: small.weights };
  const bytes = [floatBytes(weights), floatBytes(small.weights) + codeBytes(packed)] as const;
  const report: Record<string, ShapeReport['batches'][string]> = {};
  for (const rows of batches) {
    const [one, other] = await measureRates([plain, codes], rows);
    const [fp32, coded] = [
      { ...one!, weightBytes: bytes[0] },
      { ...other!, weightBytes: bytes[1] },
    ];
    const decodeRatio = coded.decodeTokensPerSecond / fp32.decodeTokensPerSecond;
    const prefillRatio = coded.prefillTokensPerSecond / fp32.prefillTokensPerSecond;
    report[`batch${rows}`] = { fp32, packed: coded, decodeRatio, prefillRatio };
    say(
      `${name}, batch ${rows}: written ${rate(fp32.decodeTokensPerSecond)} and packed ${rate(coded.decodeTokensPerSecond)} (${decodeRatio.toFixed(2)} times), ` +
        `read ${rate(fp32.prefillTokensPerSecond)} and ${rate(coded.prefillTokensPerSecond)} (${prefillRatio.toFixed(2)} times); ` +
        `weights ${mib(bytes[0])} and ${mib(bytes[1])} MiB`,
    );
  }
  return { parameters: countParameters(tensors), batches: report };
}

/** Int8 inputs, and norms before the output and down projections, as the phase makes them. */
function quantizationOf(tensors: readonly TensorDescription[]): Quantization {
  const norms = tensors.filter(({ role }) => role === 'attention-output' || role === 'ffn-down');
  const linear = tensors.filter((tensor) => tensor.linear === true);
  return {
    ...{ weights: 'latent', activations: 'int8', epsilon: 1e-5 },
    norms: norms.map(({ name }) => name),
    formats: Object.fromEntries(linear.map(({ name }) => [name, { use: 'ternary' }])),
  };
}

function withGains(
  weights: TensorDict,
  tensors: readonly TensorDescription[],
  { norms }: Quantization,
): TensorDict {
  const gains = tensors
    .filter(({ name }) => norms.includes(name))
    .map(({ name, shape, layout }) => {
      const width = shape[layout === 'out-in' ? 1 : 0]!;
      return [
        normName(name),
        { dtype: 'float32', shape: [width], data: new Float32Array(width).fill(1) },
      ] as const;
    });
  return { ...weights, ...Object.fromEntries(gains) };
}

function floatBytes(weights: TensorDict): number {
  return Object.values(weights).reduce((sum, { data }) => sum + data.byteLength, 0);
}

function codeBytes(packed: Readonly<Record<string, PackedMatrix>>): number {
  return Object.values(packed).reduce(
    (sum, { codes, scales }) => sum + codes.byteLength + scales.byteLength,
    0,
  );
}

const rate = (perSecond: number): string => `${perSecond.toFixed(perSecond < 100 ? 1 : 0)} tokens/s`;
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
