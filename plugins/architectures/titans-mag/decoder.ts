import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { Decoded, DecodeInput } from '../../../core/contracts/architecture.js';
import type { TensorMap, TensorSpec, TensorSpecs } from '../../../core/contracts/tensor.js';
import {
  asMatrix,
  attendCached,
  cachePlan,
  continueConvolution,
  embeddingLookup,
  extendCache,
  FARTHEST_POSITION,
  haltingLogits,
  keyValues,
  lastOfRows,
  linear,
  linearMemory,
  memoryKernel,
  recursionSteps,
  rmsNorm,
  ropeFar,
  type AttentionGeometry,
  type AttentionWeights,
  type CachePlan,
  type CrossAttention,
  type MemoryCarry,
  type MemoryKernel,
  type Projection,
  type RecursionStep,
  type RopeTable,
  type WriteRule,
} from '../../../nn/layers/index.js';
import { memoryDecays, mixBlock, writeRule } from './backbone.js';
import type { TitansMagConfig } from './config.js';
import { headFeatures } from './forward.js';
import { bindWeights, convolvedProjections, type BlockWeights, type TitansMagWeights } from './parameters.js';

/**
 * Titans-MAG token by token. Attention reads rings of the last window + 1 keys and values (no more than the context
 * length; of shorter texts no more than they have, and then nothing is too far back to be seen), memory is its state, and the recursion attends over cached features and, per step, over the answers that
 * earlier tokens had at that step.
 */
export const titansMagDecoder = {
  carried,
  /** Angles are relative, attention slides and memory decays; only the table of positions ends. */
  limit: () => FARTHEST_POSITION,
  decode,
};

/** Tokens that a cache holds: what attention sees, and no more than there are. */
function slotsFor({ window, contextLength }: TitansMagConfig, longest: number): number {
  return Math.min(window + 1, contextLength, longest);
}

/** Tokens that the caches of a state hold. */
function slotsOf(state: TensorMap): number {
  return state['features.key']!.shape[2]!;
}

/** Everything that is known of the tokens before, all zero before the first. */
function carried(config: TitansMagConfig, rows: number, longest = Infinity): TensorSpecs {
  const { dModel, heads, layers, dMemory, recursion } = config;
  const { crossWidth, crossHeads, steps } = recursion;
  const slots = slotsFor(config, longest);
  const float = (...shape: number[]): TensorSpec => ({ shape: [rows, ...shape], dtype: 'float32' });
  const cache = (name: string, keyHeads: number, width: number): TensorSpecs => {
    const spec = float(keyHeads, slots, width / keyHeads);
    return { [`${name}.key`]: spec, [`${name}.value`]: spec };
  };
  const layer = (i: number): TensorSpecs => ({
    ...cache(`layers.${i}`, heads, dModel),
    ...convolutionsCarried(config, `layers.${i}`, rows),
    [`layers.${i}.memory`]: float(dMemory),
    ...(writeRule(config) === null
      ? {}
      : { [`layers.${i}.mean`]: float(dMemory), [`layers.${i}.error`]: float(1) }),
  });
  return Object.assign(
    { length: { shape: [rows], dtype: 'int32' } satisfies TensorSpec },
    ...Array.from({ length: layers }, (_, i) => layer(i)),
    cache('features', crossHeads, crossWidth),
    ...Array.from({ length: steps }, (_, k) => cache(`answer.${k}`, crossHeads, crossWidth)),
  ) as TensorSpecs;
}

/** The last projections that the convolutions of a block read; a single tap reads none but the token's own. */
function convolutionsCarried(config: TitansMagConfig, name: string, rows: number): TensorSpecs {
  const { shortConvolution, dModel } = config;
  if (shortConvolution <= 1) return {};
  const spec: TensorSpec = { shape: [rows, shortConvolution - 1, dModel], dtype: 'float32' };
  return Object.fromEntries(convolvedProjections(config).map((of) => [lastProjections(name, of), spec]));
}

function lastProjections(name: string, of: Projection): string {
  return `${name}.last.${of}`;
}

/** What all parts of one pass share. */
interface Pass {
  readonly config: TitansMagConfig;
  readonly weights: TitansMagWeights;
  readonly before: TensorMap;
  /** Filled on the way. */
  readonly after: TensorMap;
  readonly counts: Tensor1D;
  readonly plan: CachePlan;
  readonly kernel: MemoryKernel;
  readonly rule: WriteRule | null;
  readonly geometry: (width: number, heads: number) => AttentionGeometry;
  /** [B * T, c] -> [B, T, c] */
  readonly inRows: (x: Tensor2D) => Tensor3D;
}

/** Tokens of all rows lie below each other, [B * T, d], but where they meet the others of their row. */
function decode(
  config: TitansMagConfig,
  params: TensorMap,
  state: TensorMap,
  { ids, counts }: DecodeInput,
): Decoded {
  const pass = begin(config, bindWeights(config, params), state, ids, counts);
  const { weights, after } = pass;
  let x = linear(embeddingLookup(weights.table, tf.reshape(ids, [-1])), weights.projection) as Tensor2D;
  for (const [layer, block] of weights.blocks.entries()) x = decodeBlock(x, block, `layers.${layer}`, pass);
  const steps = decodeRecursion(rmsNorm(x, weights.norm, config.normEpsilon), pass);
  const last = (of: Tensor2D): Tensor3D =>
    tf.expandDims(lastOfRows(pass.inRows(of), null, counts), 1) as Tensor3D;
  return {
    features: headFeatures(
      steps.map(({ answer }) => last(answer)),
      weights.projection,
    ),
    head: weights.table,
    halting: steps.map(({ latent }) => haltingLogits(last(latent), weights.halting)),
    state: after,
  };
}

function begin(
  config: TitansMagConfig,
  weights: TitansMagWeights,
  before: TensorMap,
  ids: Tensor2D,
  counts: Tensor1D,
): Pass {
  const [rows, tokens] = ids.shape;
  const length = before['length'] as Tensor1D;
  const slots = slotsOf(before);
  const positions = tf.add(tf.expandDims(length, 1), tf.range(0, tokens, 1, 'int32')) as Tensor2D;
  return {
    ...{ config, weights, before, counts },
    after: { length: tf.add(length, counts) },
    plan: cachePlan(length, counts, tokens, { slots, window: slots - 1 }),
    kernel: memoryKernel(tf.ones([1, tokens, tokens]), memoryDecays(config)),
    rule: writeRule(config),
    geometry: (width, heads) => geometryAt(positions, width / heads, heads, config.ropeTheta),
    inRows: (x) => tf.reshape(x, [rows, tokens, x.shape[1]]),
  };
}

function geometryAt(positions: Tensor2D, headWidth: number, heads: number, theta: number): AttentionGeometry {
  const { cosine, sine } = ropeFar(positions, headWidth, theta);
  const scale = 1 / Math.sqrt(headWidth);
  const single = (table: RopeTable): RopeTable => (positions.shape[1] === 1 ? asMatrix(table) : table);
  return {
    heads,
    queryRope: single({ cosine: tf.mul(cosine, scale), sine: tf.mul(sine, scale) }),
    keyRope: single({ cosine, sine }),
  };
}

function decodeBlock(x: Tensor2D, block: BlockWeights, name: string, pass: Pass): Tensor2D {
  const { dModel, heads } = pass.config;
  const geometry: AttentionGeometry = {
    ...pass.geometry(dModel, heads),
    afterProjection: (projection, of) => decodeConvolution(projection, of, block, name, pass),
  };
  return mixBlock(x, block, pass, (u) => ({
    attention: { output: prepare(u, block.attention, name, geometry, pass)(u) },
    memory: { output: decodeMemory(u, block, name, pass) },
  })).x;
}

function decodeConvolution(
  x: Tensor3D,
  of: Projection,
  { convolutions }: BlockWeights,
  name: string,
  { before, after, counts }: Pass,
): Tensor3D {
  const kernel = convolutions[of];
  if (kernel === undefined) return x;
  const at = lastProjections(name, of);
  const { output, next } = continueConvolution(x, kernel, (before[at] ?? null) as Tensor3D | null, counts);
  if (next !== null) after[at] = next;
  return output;
}

function decodeMemory(u: Tensor2D, block: BlockWeights, name: string, pass: Pass): Tensor2D {
  const { before, after, rule, kernel, counts } = pass;
  const state = before[`${name}.memory`] as Tensor2D;
  const tokens = tf.expandDims(tf.cast(before['length']!, 'float32'), 1) as Tensor2D;
  const carry: MemoryCarry = {
    state,
    mean: (before[`${name}.mean`] ?? state) as Tensor2D,
    tally: { sum: (before[`${name}.error`] ?? tokens) as Tensor2D, count: tokens },
  };
  const { output, carry: next } = linearMemory(pass.inRows(u), block.memory, kernel, rule, carry, counts);
  after[`${name}.memory`] = next.state;
  if (rule !== null) {
    after[`${name}.mean`] = next.mean;
    after[`${name}.error`] = next.tally.sum;
  }
  return flat(output);
}

function decodeRecursion(features: Tensor2D, pass: Pass): RecursionStep<Tensor2D>[] {
  const { config, weights } = pass;
  const { steps, microSteps, crossWidth, crossHeads } = config.recursion;
  const settings = { steps, microSteps, normEpsilon: config.normEpsilon };
  const geometry = pass.geometry(crossWidth, crossHeads);
  return recursionSteps(features, weights.recursion, settings, (source, side, step) =>
    prepare(source, side, step === null ? 'features' : `answer.${step}`, geometry, pass),
  );
}

/** Keep the keys and values of a sequence in the cache of that name; then queries can read it. */
function prepare(
  source: Tensor2D,
  side: AttentionWeights,
  name: string,
  geometry: AttentionGeometry,
  { before, after, plan, inRows }: Pass,
): CrossAttention<Tensor2D> {
  const cache = { key: before[`${name}.key`] as Tensor4D, value: before[`${name}.value`] as Tensor4D };
  const { seen, next } = extendCache(cache, keyValues(inRows(source), side, geometry), plan);
  after[`${name}.key`] = next.key;
  after[`${name}.value`] = next.value;
  return (queries) => flat(attendCached(inRows(queries), seen, side, geometry, plan));
}

/** [B, T, c] -> [B * T, c] */
function flat(x: Tensor3D): Tensor2D {
  const [rows, tokens, width] = x.shape;
  return tf.reshape(x, [rows * tokens, width]);
}
