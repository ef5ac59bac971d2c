import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import type {
  AttentionWeights,
  CrossAttentionWeights,
  GateWeights,
  HaltingWeights,
  MemoryWeights,
  Projection,
  RecursionWeights,
  SwigluWeights,
} from '../../../nn/layers/index.js';
import type { TitansMagConfig } from './config.js';

export interface BlockWeights {
  readonly attentionNorm: Tensor1D;
  readonly attention: AttentionWeights;
  /** Kernel [w, d] of the convolution after a projection; a projection that is not here has none. */
  readonly convolutions: Readonly<Partial<Record<Projection, Tensor2D>>>;
  readonly memory: MemoryWeights;
  readonly ffnNorm: Tensor1D;
  readonly ffn: SwigluWeights;
}

/** The model's tensors, grouped as the layers take them. */
export interface TitansMagWeights {
  /** E [V, r] */
  readonly table: Tensor2D;
  /** P [r, d] */
  readonly projection: Tensor2D;
  readonly blocks: readonly BlockWeights[];
  readonly gate: GateWeights;
  readonly norm: Tensor1D;
  readonly recursion: RecursionWeights;
  readonly halting: HaltingWeights;
}

/** Projections of a block's attention that a short convolution follows. */
const CONVOLVED: readonly Projection[] = ['query', 'key', 'value'];

/** {@link CONVOLVED}, or none where the convolution has no taps. */
export function convolvedProjections({ shortConvolution }: TitansMagConfig): readonly Projection[] {
  return shortConvolution === 0 ? [] : CONVOLVED;
}

/** @param prefix of the block, `layers.0` */
export function convolutionName(prefix: string, of: Projection): string {
  return `${prefix}.attention.${of}Convolution`;
}

/** Find the tensors of `describe` in a map. @throws Error when one is missing: a defect, never a user's mistake. */
export function bindWeights(config: TitansMagConfig, params: TensorMap): TitansMagWeights {
  const take = (name: string): unknown => {
    const tensor = params[name];
    if (tensor === undefined) throw new Error(`titans-mag was given no tensor ${name}`);
    return tensor;
  };
  const matrix = (name: string): Tensor2D => take(name) as Tensor2D;
  const vector = (name: string): Tensor1D => take(name) as Tensor1D;
  const read: Reader = { matrix, vector };
  return {
    table: matrix('embedding.table'),
    projection: matrix('embedding.projection'),
    blocks: Array.from({ length: config.layers }, (_, layer) => bindBlock(config, read, `layers.${layer}`)),
    gate: {
      first: matrix('gate.first'),
      firstBias: vector('gate.firstBias'),
      second: matrix('gate.second'),
      secondBias: vector('gate.secondBias'),
    },
    norm: vector('norm'),
    recursion: bindRecursion(read),
    halting: { weight: vector('halting.weight'), bias: vector('halting.bias') },
  };
}

interface Reader {
  matrix(name: string): Tensor2D;
  vector(name: string): Tensor1D;
}

function bindBlock(config: TitansMagConfig, read: Reader, prefix: string): BlockWeights {
  return {
    attentionNorm: read.vector(`${prefix}.attention.norm`),
    attention: bindAttention(read, `${prefix}.attention`),
    convolutions: Object.fromEntries(
      convolvedProjections(config).map((of) => [of, read.matrix(convolutionName(prefix, of))]),
    ),
    memory: { down: read.matrix(`${prefix}.memory.down`), up: read.matrix(`${prefix}.memory.up`) },
    ffnNorm: read.vector(`${prefix}.ffn.norm`),
    ffn: {
      gate: read.matrix(`${prefix}.ffn.gate`),
      up: read.matrix(`${prefix}.ffn.up`),
      down: read.matrix(`${prefix}.ffn.down`),
    },
  };
}

function bindAttention(read: Reader, prefix: string): AttentionWeights {
  return {
    query: read.matrix(`${prefix}.query`),
    key: read.matrix(`${prefix}.key`),
    value: read.matrix(`${prefix}.value`),
    output: read.matrix(`${prefix}.output`),
  };
}

function bindCrossAttention(read: Reader, prefix: string): CrossAttentionWeights {
  return {
    ...bindAttention(read, prefix),
    queryNorm: read.vector(`${prefix}.queryNorm`),
    sourceNorm: read.vector(`${prefix}.sourceNorm`),
  };
}

function bindRecursion(read: Reader): RecursionWeights {
  return {
    features: bindCrossAttention(read, 'recursion.features'),
    answer: bindCrossAttention(read, 'recursion.answer'),
    refine: [read.matrix('recursion.refine.first'), read.matrix('recursion.refine.second')],
    refineNorm: read.vector('recursion.refine.norm'),
    update: [read.matrix('recursion.update.first'), read.matrix('recursion.update.second')],
    updateInputNorm: read.vector('recursion.update.inputNorm'),
    updateNorm: read.vector('recursion.update.norm'),
    start: read.vector('recursion.start'),
  };
}
