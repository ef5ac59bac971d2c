import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs';
import type { ForwardInput } from '../../../core/contracts/architecture.js';
import type { FunctionContext } from '../../../core/contracts/engine.js';
import {
  attend,
  attentionMask,
  dropoutSites,
  earlierTokens,
  embeddingLookup,
  gateEntropy,
  groupDecays,
  keyValues,
  linear,
  linearMemory,
  magGate,
  memoryKernel,
  rmsNorm,
  ropeAt,
  ropeTable,
  sameDocument,
  shortConvolution,
  stopGradient,
  swiglu,
  type AttentionGeometry,
  type AttentionMask,
  type Dropout,
  type EarlierTokens,
  type GateResult,
  type MemoryCarry,
  type MemoryKernel,
  type RopeTable,
  type WriteRule,
} from '../../../nn/layers/index.js';
import type { TitansMagConfig } from './config.js';
import type { BlockWeights, TitansMagWeights } from './parameters.js';

/** What every block of one pass shares. */
interface Shared {
  readonly config: TitansMagConfig;
  readonly weights: TitansMagWeights;
  readonly geometry: AttentionGeometry;
  readonly mask: AttentionMask;
  readonly kernel: MemoryKernel;
  readonly rule: WriteRule | null;
  /** null: no convolutions */
  readonly earlier: EarlierTokens | null;
  readonly nextDropout: () => Dropout;
  readonly peaks: boolean;
}

interface BlockResult {
  readonly x: Tensor3D;
  readonly peak: Tensor1D | null;
  readonly gateEntropy: Scalar;
  readonly gateMean: Scalar;
  readonly memoryUsage: Scalar;
  readonly surprise: Scalar | null;
  readonly carry: MemoryCarry;
}

export interface BackboneResult {
  /** F [B, T, d] */
  readonly features: Tensor3D;
  readonly mask: AttentionMask;
  /** [heads] per block; empty unless asked for */
  readonly peaks: readonly Tensor1D[];
  /** The residual stream after each block, [B, T, d]. */
  readonly hidden: readonly Tensor3D[];
  /** Means over blocks, with gradient where they have one. */
  readonly statistics: Readonly<Record<string, Scalar>>;
  /** One per block, for the next window of the same documents. */
  readonly carry: readonly MemoryCarry[];
}

export interface BackboneInput extends ForwardInput {
  /** null: no dropout */
  readonly context: FunctionContext | null;
  /** Memory at the start of each row, one per block; null is empty. */
  readonly carry?: readonly MemoryCarry[] | null;
  /** Find the largest attention scores. */
  readonly peaks?: boolean;
}

/** Embedding, blocks and final norm. */
export function backbone(
  config: TitansMagConfig,
  weights: TitansMagWeights,
  input: BackboneInput,
): BackboneResult {
  const shared = prepare(config, weights, input);
  let x = linear(embeddingLookup(weights.table, input.ids), weights.projection) as Tensor3D;
  x = shared.nextDropout()(x);
  const blocks: BlockResult[] = [];
  for (const [layer, block] of weights.blocks.entries()) {
    const result = runBlock(x, block, shared, input.carry?.[layer] ?? null);
    blocks.push(result);
    x = result.x;
  }
  return {
    features: rmsNorm(x, weights.norm, config.normEpsilon),
    mask: shared.mask,
    peaks: blocks.flatMap(({ peak }) => (peak === null ? [] : [peak])),
    hidden: blocks.map((block) => block.x),
    statistics: statistics(blocks),
    carry: blocks.map((block) => block.carry),
  };
}

function prepare(config: TitansMagConfig, weights: TitansMagWeights, input: BackboneInput): Shared {
  const [rows, length] = input.ids.shape;
  const same = visible(input);
  return {
    config,
    weights,
    geometry: attentionGeometry(config, input, config.dModel / config.heads, config.heads),
    mask: attentionMask(same, config.window, input),
    kernel: memoryKernel(same, memoryDecays(config), input.positions),
    rule: writeRule(config),
    earlier:
      config.shortConvolution === 0 ? null : earlierTokens(same, config.shortConvolution, input.positions),
    nextDropout: dropoutSites(
      input.context,
      config.dropout,
      rows * length * config.dModel,
      1 + 2 * config.layers,
    ),
    peaks: input.peaks ?? false,
  };
}

/** Decay of each channel group of the memory. */
export function memoryDecays({ memoryDecay, memoryCapacity, memoryGroups }: TitansMagConfig): number[] {
  return groupDecays(memoryDecay, memoryCapacity, memoryGroups);
}

/** What opens the memory; null when every token is written fully. */
export function writeRule({ surprise, novelty }: TitansMagConfig): WriteRule | null {
  return surprise === 0 && novelty === 0 ? null : { surprise, novelty };
}

/** 1 where two positions share a document and the extra mask, if there is one, lets the first see the second. */
function visible({ segments, mask }: ForwardInput): Tensor3D {
  const same = sameDocument(segments);
  return mask === undefined ? same : (tf.mul(same, mask) as Tensor3D);
}

/** Rotary tables of one attention; the query's carries the score scale. */
export function attentionGeometry(
  { contextLength, ropeTheta }: TitansMagConfig,
  { ids, positions }: Pick<ForwardInput, 'ids' | 'positions'>,
  headWidth: number,
  heads: number,
): AttentionGeometry {
  const table = (scale?: number): RopeTable =>
    positions === undefined
      ? ropeTable(ids.shape[1], headWidth, ropeTheta, scale)
      : ropeAt(ropeTable(contextLength, headWidth, ropeTheta, scale), positions);
  return { heads, queryRope: table(1 / Math.sqrt(headWidth)), keyRope: table() };
}

/** What a block reads, each of the shape of its input. */
interface BlockReading<T extends Tensor> {
  readonly attention: { readonly output: T };
  readonly memory: { readonly output: T };
}

/**
 * x <- x + gate(attention, memory); x <- x + ffn, pre-norm.
 *
 * @param x [..., d]
 * @param read attention and memory of the normalised input, over whole rows or with what is carried
 */
export function mixBlock<T extends Tensor, R extends BlockReading<T>>(
  x: T,
  block: BlockWeights,
  { weights, config }: { readonly weights: TitansMagWeights; readonly config: TitansMagConfig },
  read: (u: T) => R,
  nextDropout: () => Dropout = () => (y) => y,
): { readonly x: T; readonly gated: GateResult<T>; readonly reading: R } {
  const { normEpsilon } = config;
  const reading = read(rmsNorm(x, block.attentionNorm, normEpsilon));
  const gated = magGate(nextDropout()(reading.attention.output), reading.memory.output, weights.gate);
  const mixed = tf.add(x, gated.mixed) as T;
  const ffn = swiglu(rmsNorm(mixed, block.ffnNorm, normEpsilon), block.ffn);
  return { x: tf.add(mixed, nextDropout()(ffn)) as T, gated, reading };
}

function runBlock(x: Tensor3D, block: BlockWeights, shared: Shared, carry: MemoryCarry | null): BlockResult {
  const geometry = blockGeometry(block, shared);
  const read = (u: Tensor3D) => {
    const source = keyValues(u, block.attention, geometry);
    return {
      attention: attend(u, source, block.attention, geometry, shared.mask, shared),
      memory: linearMemory(u, block.memory, shared.kernel, shared.rule, carry),
    };
  };
  const { x: next, gated, reading } = mixBlock(x, block, shared, read, shared.nextDropout);
  const { attention, memory } = reading;
  return {
    x: next,
    peak: attention.peak,
    gateEntropy: gateEntropy(gated.logits, gated.gate),
    gateMean: tf.mean(gated.gate) as Scalar,
    memoryUsage: memoryUsage(stopGradient(memory.state)),
    surprise: memory.surprise === null ? null : (tf.mean(memory.surprise) as Scalar),
    carry: memory.carry,
  };
}

/** The attention of a block: as all others, but for its own convolutions. */
function blockGeometry({ convolutions }: BlockWeights, { geometry, earlier }: Shared): AttentionGeometry {
  if (earlier === null) return geometry;
  return {
    ...geometry,
    afterProjection: (x, of) => {
      const kernel = convolutions[of];
      return kernel === undefined ? x : shortConvolution(x, kernel, earlier);
    },
  };
}

/**
 * Share of the memory's channels that carry its content: the participation ratio (sum p)^2 / (m * sum p^2) of what each
 * channel holds, p = mean of its square over all tokens. 1 when all channels are equally strong, 1/m when one carries
 * everything. Over tokens, not token by token: m normal numbers have a ratio near 1/3 however evenly they are used.
 */
function memoryUsage(state: Tensor3D): Scalar {
  const power = tf.mean(tf.square(state), [0, 1]);
  const squares = tf.sum(tf.square(power));
  return tf.div(tf.square(tf.sum(power)), tf.add(tf.mul(squares, state.shape[2]), 1e-30)) as Scalar;
}

function statistics(blocks: readonly BlockResult[]): Record<string, Scalar> {
  const opening = average(blocks.map((block) => block.gateMean));
  const surprises = blocks.flatMap((block) => (block.surprise === null ? [] : [block.surprise]));
  return {
    'gate/entropy': average(blocks.map((block) => block.gateEntropy)),
    'gate/avg_g': opening,
    'gate/y_usage': opening,
    'gate/m_usage': tf.sub(1, opening) as Scalar,
    'ltm/memory_usage': average(blocks.map((block) => block.memoryUsage)),
    ...(surprises.length === 0 ? {} : { 'ltm/avg_surprise_score': average(surprises) }),
  };
}

function average(values: readonly Tensor[]): Scalar {
  return tf.div(tf.addN([...values]), values.length) as Scalar;
}
