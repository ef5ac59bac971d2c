import { ARCHITECTURE, ENGINE, type Engine, type EngineInfo, type Plugin } from '../core/contracts/index.js';
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
import {
  MATRICES,
  measureBandwidth,
  measureMatrices,
  type MatrixCase,
  type MatrixReport,
} from './ternary/matrices.js';
import { measureRates, type Rates } from './ternary/measure.js';
import { builtInCompressors, compressorsOf, formatsOf, type BuiltIn } from './ternary/compressors.js';

const BATCHES = [1, 8] as const;
/** What embeddings and heads are in. */
const TABLES = ['int8', 'int4'] as const;

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

/** A model in codes beside the same in floats. */
interface PackedWay extends Way {
  readonly decodeRatio: number;
  readonly prefillRatio: number;
}

export interface BatchReport {
  readonly fp32: Way;
  /** Embeddings and head in 8 bits, everything else ternary. */
  readonly packed: PackedWay;
  /** Embeddings and head in 4 bits. */
  readonly packed4: PackedWay;
}

export interface ShapeReport {
  readonly parameters: number;
  readonly batches: Readonly<Record<string, BatchReport>>;
}

export interface TernaryReport extends Readonly<Record<string, unknown>> {
  readonly engine: EngineInfo;
  readonly shapes: Readonly<Record<string, ShapeReport>>;
  readonly bandwidthBytesPerSecond: number;
  readonly matrices: Readonly<Record<string, MatrixReport>>;
}

/**
 * `agentforge bench ternary`: models of random weights whose matrices are ternary codes (tables and heads 8 or 4 bits), packed by the built-in compressors, beside
 * the same models in float32, on the same engine, in turns: tokens read and written per second, bytes of the weights.
 */
export async function run(
  say: (line: string) => void,
  shapes: readonly TernaryShape[] = SHAPES,
  batches: readonly number[] = BATCHES,
  cases: readonly MatrixCase[] = MATRICES,
): Promise<TernaryReport> {
  const engine = await (await implementationOf(ENGINE, onnxruntime())).open();
  try {
    const report: Record<string, ShapeReport> = {};
    say(`${engine.info.name} ${engine.info.version}, ${engine.info.device}`);
    for (const shape of shapes) report[shape.name] = await measureShape(engine, shape, batches, say);
    const bandwidth = await measureBandwidth(engine);
    const matrices = await measureMatrices(engine, bandwidth, cases);
    for (const [
      shape,
      { fp32Microseconds, packedMicroseconds, bandwidthMicroseconds, ratio },
    ] of Object.entries(matrices))
      say(
        `${shape}: ${fp32Microseconds.toFixed(1)} us in float32, ${packedMicroseconds.toFixed(1)} us in codes (${ratio.toFixed(1)} times), ${bandwidthMicroseconds.toFixed(1)} us by bandwidth`,
      );
    return { engine: engine.info, shapes: report, bandwidthBytesPerSecond: bandwidth, matrices };
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
  const plain = { model: { engine, architecture, config, weights }, bytes: floatBytes(weights) };
  const builtIn = await builtInCompressors();
  const ways = [plain, ...TABLES.map((tables) => inCodes(plain.model, builtIn, tables))];
  const report: Record<string, BatchReport> = {};
  for (const rows of batches) {
    const rates = await measureRates(
      ways.map(({ model }) => model),
      rows,
    );
    const [fp32, packed, packed4] = rates.map((each, i) => ({ ...each, weightBytes: ways[i]!.bytes })) as [
      Way,
      Way,
      Way,
    ];
    report[`batch${rows}`] = { fp32, packed: beside(packed, fp32), packed4: beside(packed4, fp32) };
    for (const line of describe(report[`batch${rows}`]!)) say(`${name}, batch ${rows}, ${line}`);
  }
  return { parameters: countParameters(tensors), batches: report };
}

function inCodes(plain: WritingModel, builtIn: BuiltIn, tables: (typeof TABLES)[number]) {
  const tensors = plain.architecture.describe(plain.config);
  const quantization = quantizationOf(tensors, tables);
  const weights = withGains(plain.weights, tensors, quantization);
  const compressors = compressorsOf(builtIn, quantization.formats);
  const { packed, ...small } = packedModel(plain.architecture, tensors, weights, quantization, compressors);
  return { model: { ...plain, ...small }, bytes: floatBytes(small.weights) + codeBytes(packed) };
}

function beside(way: Way, fp32: Way): PackedWay {
  return {
    ...way,
    decodeRatio: way.decodeTokensPerSecond / fp32.decodeTokensPerSecond,
    prefillRatio: way.prefillTokensPerSecond / fp32.prefillTokensPerSecond,
  };
}

function describe({ fp32, packed, packed4 }: BatchReport): string[] {
  const line = (name: string, { decodeTokensPerSecond, prefillTokensPerSecond, weightBytes }: Way): string =>
    `${name}: writes ${rate(decodeTokensPerSecond)}, reads ${rate(prefillTokensPerSecond)}, weights ${mib(weightBytes)} MiB`;
  const ratios = ({ decodeRatio, prefillRatio }: PackedWay): string =>
    ` (${decodeRatio.toFixed(2)} and ${prefillRatio.toFixed(2)} times)`;
  return [
    line('float32', fp32),
    line('ternary, tables of 8 bits', packed) + ratios(packed),
    line('ternary, tables of 4 bits', packed4) + ratios(packed4),
  ];
}

/** Int8 inputs, and norms before the output and down projections, as the phase makes them. */
function quantizationOf(
  tensors: readonly TensorDescription[],
  tables: (typeof TABLES)[number],
): Quantization {
  const norms = tensors.filter(({ role }) => role === 'attention-output' || role === 'ffn-down');
  return {
    ...{ weights: 'latent', activations: 'int8', epsilon: 1e-5 },
    norms: norms.map(({ name }) => name),
    formats: formatsOf(tensors, tables),
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
