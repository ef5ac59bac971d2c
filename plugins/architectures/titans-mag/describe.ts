import type {
  AttentionSite,
  Initializer,
  TensorDescription,
  TensorRole,
} from '../../../core/contracts/architecture.js';
import type { TitansMagConfig } from './config.js';
import { convolutionName, convolvedProjections } from './parameters.js';

/** Standard deviation of ordinary matrices. */
const MATRIX_STD = 0.02;
/** Last matrices of the recursion's MLPs start small, so that each step starts near the identity. */
const NEAR_IDENTITY_STD = 0.002;
const CONVOLUTION_STD = 0.02;
/** Halting starts rare: sigmoid(-5) = 0.007. */
const HALTING_BIAS = -5;

const normal = (std: number): Initializer => ({ kind: 'normal', std });
const constant = (value: number): Initializer => ({ kind: 'constant', value });

function matrix(
  name: string,
  role: TensorRole,
  shape: readonly [number, number],
  std: number,
  layer?: number,
): TensorDescription {
  // The projection is read both ways: into the stream and, transposed, out of it.
  const linear = role !== 'embedding' && role !== 'embedding-projection';
  return { name, shape, role, init: normal(std), linear, ...(layer === undefined ? {} : { layer }) };
}

function gain(name: string, width: number, layer?: number): TensorDescription {
  return { name, shape: [width], role: 'norm', init: constant(1), ...(layer === undefined ? {} : { layer }) };
}

/** Every tensor of the model, in storage order. */
export function describeTitansMag(config: TitansMagConfig): TensorDescription[] {
  const blocks = Array.from({ length: config.layers }, (_, layer) => describeBlock(config, layer));
  return [
    matrix('embedding.table', 'embedding', [config.vocabularySize, config.embeddingRank], MATRIX_STD),
    matrix(
      'embedding.projection',
      'embedding-projection',
      [config.embeddingRank, config.dModel],
      1 / Math.sqrt(config.embeddingRank),
    ),
    ...blocks.flat(),
    ...describeGate(config),
    gain('norm', config.dModel),
    ...describeRecursion(config),
    { name: 'halting.weight', shape: [config.dModel], role: 'halting', init: constant(0) },
    { name: 'halting.bias', shape: [1], role: 'halting', init: constant(HALTING_BIAS) },
  ];
}

function describeBlock(config: TitansMagConfig, layer: number): TensorDescription[] {
  const { dModel, ffn, dMemory, layers } = config;
  const residualStd = MATRIX_STD / Math.sqrt(2 * layers);
  const name = (part: string): string => `layers.${layer}.${part}`;
  return [
    gain(name('attention.norm'), dModel, layer),
    matrix(name('attention.query'), 'attention-query', [dModel, dModel], MATRIX_STD, layer),
    matrix(name('attention.key'), 'attention-key', [dModel, dModel], MATRIX_STD, layer),
    matrix(name('attention.value'), 'attention-value', [dModel, dModel], MATRIX_STD, layer),
    matrix(name('attention.output'), 'attention-output', [dModel, dModel], residualStd, layer),
    ...describeConvolutions(config, layer),
    matrix(name('memory.down'), 'memory-down', [dModel, dMemory], MATRIX_STD, layer),
    matrix(name('memory.up'), 'memory-up', [dMemory, dModel], residualStd, layer),
    gain(name('ffn.norm'), dModel, layer),
    matrix(name('ffn.gate'), 'ffn-gate', [dModel, ffn], MATRIX_STD, layer),
    matrix(name('ffn.up'), 'ffn-up', [dModel, ffn], MATRIX_STD, layer),
    matrix(name('ffn.down'), 'ffn-down', [ffn, dModel], residualStd, layer),
  ];
}

/** Small kernels: beside the token itself, which a convolution lets through, they start near the identity. */
function describeConvolutions(config: TitansMagConfig, layer: number): TensorDescription[] {
  return convolvedProjections(config).map((of) => ({
    name: convolutionName(`layers.${layer}`, of),
    shape: [config.shortConvolution, config.dModel],
    role: 'short-convolution',
    init: normal(CONVOLUTION_STD),
    layer,
  }));
}

function describeGate({ dModel, gateHidden }: TitansMagConfig): TensorDescription[] {
  return [
    matrix('gate.first', 'gate', [2 * dModel, gateHidden], MATRIX_STD),
    { name: 'gate.firstBias', shape: [gateHidden], role: 'bias', init: constant(0) },
    matrix('gate.second', 'gate', [gateHidden, dModel], MATRIX_STD),
    { name: 'gate.secondBias', shape: [dModel], role: 'bias', init: constant(0) },
  ];
}

function describeRecursion({ dModel, recursion }: TitansMagConfig): TensorDescription[] {
  const { gHidden, hHidden } = recursion;
  return [
    {
      name: 'recursion.start',
      shape: [dModel],
      role: 'initial-state',
      init: { kind: 'truncated-normal', std: 1 },
    },
    ...describeCrossAttention('recursion.features', dModel, recursion.crossWidth),
    ...describeCrossAttention('recursion.answer', dModel, recursion.crossWidth),
    matrix('recursion.refine.first', 'recursion', [3 * dModel, gHidden], MATRIX_STD),
    matrix('recursion.refine.second', 'recursion', [gHidden, dModel], NEAR_IDENTITY_STD),
    gain('recursion.refine.norm', dModel),
    gain('recursion.update.inputNorm', dModel),
    matrix('recursion.update.first', 'recursion', [2 * dModel, hHidden], MATRIX_STD),
    matrix('recursion.update.second', 'recursion', [hHidden, dModel], NEAR_IDENTITY_STD),
    gain('recursion.update.norm', dModel),
  ];
}

function describeCrossAttention(name: string, dModel: number, width: number): TensorDescription[] {
  return [
    gain(`${name}.queryNorm`, dModel),
    gain(`${name}.sourceNorm`, dModel),
    matrix(`${name}.query`, 'attention-query', [dModel, width], MATRIX_STD),
    matrix(`${name}.key`, 'attention-key', [dModel, width], MATRIX_STD),
    matrix(`${name}.value`, 'attention-value', [dModel, width], MATRIX_STD),
    matrix(`${name}.output`, 'attention-output', [width, dModel], MATRIX_STD),
  ];
}

/** The attentions whose peaks the objective reports: one per block, then the two of the recursion. */
export function attentionSites(config: TitansMagConfig): AttentionSite[] {
  const site = (prefix: string, heads: number): AttentionSite => ({
    query: `${prefix}.query`,
    key: `${prefix}.key`,
    heads,
  });
  return [
    ...Array.from({ length: config.layers }, (_, layer) => site(`layers.${layer}.attention`, config.heads)),
    site('recursion.features', config.recursion.crossHeads),
    site('recursion.answer', config.recursion.crossHeads),
  ];
}
