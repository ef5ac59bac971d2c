import type { Architecture, TensorDescription } from '../../core/contracts/architecture.js';
import type { Objective } from '../../core/contracts/objective.js';
import type { Optimizer } from '../../core/contracts/optimizer.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { fromGroup, inGroup, type StateGroup, type WeightGroup } from './state.js';

/** What is trained, on what, and how it is updated. */
export interface TrainingModel {
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  /** Everything the model computes with: the architecture's tensors, and those that `transform` adds (adapters). */
  readonly tensors: readonly TensorDescription[];
  readonly optimizer: Optimizer;
  /** The loss. */
  readonly objective: Objective;
  /** Names of the tensors that are trained; the others stay as they are. All when absent. */
  readonly trainable?: readonly string[];
  /**
   * Parameters as the forward pass takes them, from all tensors by name: straight-through ternary weights, adapters
   * added to their matrices, scaled singular values. Gradients flow through it. Traced once.
   */
  readonly transform?: (params: TensorMap) => TensorMap;
  /** Specs of frozen weights that the objective sees (teacher, anchor); their values are given to `createTrainer`. */
  readonly reference?: TensorSpecs;
  /** Inputs of a micro-batch besides ids, targets and segments, by name. */
  readonly extras?: TensorSpecs;
}

/** Rows B and tokens per row T of one micro-batch. */
export interface BatchShape {
  readonly rows: number;
  readonly length: number;
}

/** What one update computes: its micro-batches, and how far the recursion is unrolled. */
export interface StepShape extends BatchShape {
  /** Recursion steps that are unrolled, fewer than the model has; absent: all. */
  readonly steps?: number;
}

/** Names a shape: equal for those that one program serves. */
export function shapeKey({ rows, length, steps }: StepShape): string {
  return `${rows} x ${length}${steps === undefined ? '' : `, ${steps} steps`}`;
}

/** Descriptions of what is trained, in the order of `tensors`. */
export function trainedTensors({ tensors, trainable }: TrainingModel): readonly TensorDescription[] {
  if (trainable === undefined) return tensors;
  const names = new Set(trainable);
  return tensors.filter(({ name }) => names.has(name));
}

/** Specs of every group of the training state. */
export function stateSpecs(model: TrainingModel): Record<Exclude<StateGroup, 'amp'>, TensorSpecs> {
  const trained = trainedTensors(model);
  const peaks = Object.fromEntries(
    trainedAttentions(model).map(({ heads }, i) => [
      String(i),
      { shape: [heads], dtype: 'float32' as const },
    ]),
  );
  return {
    param: inGroup('param', floatSpecs(model.tensors)),
    ema: inGroup('ema', floatSpecs(trained)),
    grad: inGroup('grad', floatSpecs(trained)),
    opt: inGroup('opt', model.optimizer.state(trained)),
    peak: inGroup('peak', peaks),
    ref: inGroup('ref', model.reference ?? {}),
  };
}

/** Specs of what a pass with one group's weights reads: averages, and what is not trained as it is. */
export function weightSpecs(model: TrainingModel, group: WeightGroup): TensorSpecs {
  const { param, ema } = stateSpecs(model);
  if (group === 'param') return param;
  const trained = new Set(Object.keys(fromGroup('ema', ema)));
  const fixed = Object.entries(fromGroup('param', param)).filter(([name]) => !trained.has(name));
  return { ...inGroup('param', Object.fromEntries(fixed)), ...ema };
}

/** The attentions whose query and key are trained: only those can be clipped. */
export function trainedAttentions(model: TrainingModel): ReturnType<Architecture['attentions']> {
  const names = new Set(trainedTensors(model).map(({ name }) => name));
  return model.architecture
    .attentions(model.config)
    .filter(({ query, key }) => names.has(query) && names.has(key));
}

function floatSpecs(tensors: readonly TensorDescription[]): TensorSpecs {
  return Object.fromEntries(tensors.map(({ name, shape }) => [name, { shape, dtype: 'float32' as const }]));
}
