import type { TensorDescription } from '../../../core/contracts/architecture.js';
import type { Objective } from '../../../core/contracts/objective.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { selfModel, selfModelTensors } from '../../../nn/objectives/index.js';
import { featureWidth } from '../../../nn/thoughts/index.js';
import { tablesOf } from '../shared/model/grow.js';
import type { LiveModel } from '../shared/model/open.js';
import type { ModelShape } from '../shared/model/shape.js';
import type { CurriculumOptions } from './options.js';
import { AT } from './paths.js';

type Options = CurriculumOptions['forge']['selfModel'];

/** What a model that models itself is trained with beside what it is made of. */
export interface SelfModelParts {
  readonly tensors: readonly TensorDescription[];
  readonly weights: TensorDict;
  /** What is learnt, with what the model is to say of itself. */
  readonly over: (usual: Objective) => Objective;
}

/** Nothing is added where the weight is 0. @throws ForgeError AF_MODEL_CONFIG */
export function selfModelParts(options: Options, shape: ModelShape): SelfModelParts {
  if (options.weight === 0) return { tensors: [], weights: {}, over: (usual) => usual };
  const { architecture, config } = shape;
  const tensors = selfModelTensors({
    features: featureWidth(architecture, config.hyperparameters),
    hidden: factOf(shape, 'hidden_size'),
  });
  return {
    tensors,
    // All of them begin at zero: nothing is drawn.
    weights: initializeWeights(tensors, 0),
    over: (usual) => selfModel(usual, options),
  };
}

/** Of a training state, all that is not of the self-model: it goes nowhere. */
export function withoutSelfModel({ tensors }: SelfModelParts, state: TensorDict): TensorDict {
  const own = tensors.map(({ name }) => name);
  const isOwn = (entry: string): boolean => {
    const name = entry.slice(entry.indexOf('/') + 1);
    return own.some((one) => name === one || name.startsWith(`${one}/`));
  };
  return Object.fromEntries(Object.entries(state).filter(([entry]) => !isOwn(entry)));
}

/** Standard deviation of the weights of the output head, which models of themselves have smaller. */
export function headSpread(model: LiveModel): number {
  const tables = tablesOf(model);
  const { name } = tables.find(({ role }) => role === 'output-head') ?? tables[0]!;
  const { data } = model.weights[name]!;
  let [sum, squares] = [0, 0];
  for (const value of data) {
    sum += value;
    squares += value ** 2;
  }
  return Math.sqrt(Math.max(0, squares / data.length - (sum / data.length) ** 2));
}

/** A layer that the model does not have. */
export function selfModelProblems({ weight, layer }: Options, shape: ModelShape): Problem[] {
  if (weight === 0 || layer === null) return [];
  const layers = factOf(shape, 'layers');
  if (layer < layers) return [];
  return [
    {
      at: `${AT}.forge.selfModel.layer`,
      message: 'the model has no such layer',
      expected: `0 to ${layers - 1}`,
      found: String(layer),
      fix: 'name a layer that there is, or null for the middle one',
    },
  ];
}

function factOf({ architecture, config }: ModelShape, name: 'layers' | 'hidden_size'): number {
  const value = architecture.facts?.(config.hyperparameters)[name];
  if (value !== undefined) return value;
  throw new ForgeError('AF_MODEL_CONFIG', `The architecture does not say its ${name}.`, {
    at: 'facts',
    fix: `Give ${config.architecture} \`facts\` with \`layers\` and \`hidden_size\`, or set ${AT}.forge.selfModel.weight to 0.`,
    facts: { architecture: config.architecture },
  });
}
