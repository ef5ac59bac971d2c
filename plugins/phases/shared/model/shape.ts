import {
  ARCHITECTURE,
  type Architecture,
  type TensorDescription,
} from '../../../../core/contracts/architecture.js';
import type { ModelConfig } from '../../../../core/contracts/model.js';
import type { PlanContext } from '../../../../core/contracts/phase.js';
import { ForgeError, nearest } from '../../../../core/errors/index.js';
import { modelArchitecture } from '../../../../nn/quantization/index.js';
import type { ModelOptions } from '../options.js';
import { openStartingModel, type StartingModel } from './start.js';

/** An architecture with validated hyper-parameters, and the tensors they describe. */
export interface ModelShape {
  readonly architecture: Architecture;
  readonly config: ModelConfig;
  readonly tensors: readonly TensorDescription[];
}

/** What resolving and validating needs: the plan's context and the run's have it. */
export type Resolver = Pick<PlanContext, 'resolve' | 'validate'>;

/** A config as it is stored with a model. @param at where it was written, for messages @throws ForgeError AF_CONFIG_INVALID */
export function shapeOf(context: Resolver, config: ModelConfig, at: string): ModelShape {
  const architecture = modelArchitecture(context, config);
  const hyperparameters = context.validate(
    architecture.configSchema,
    structuredClone(config.hyperparameters),
    at,
  ) as ModelConfig['hyperparameters'];
  return {
    architecture,
    config: { ...config, hyperparameters },
    tensors: architecture.describe(hyperparameters),
  };
}

/** What the model of a phase is made from, as its options say. */
export interface ShapeSource {
  readonly options: ModelOptions;
  /** The model that `options.from` names, opened; null for a fresh one. */
  readonly origin: StartingModel | null;
  /** Ids of the tokenizer; a model from a folder keeps its own number. */
  readonly vocabularySize: number;
  /** Config path of the phase, for messages: `phases.cognate`. */
  readonly at: string;
}

/**
 * The folder that the options name, its weights not read yet; null where they name none.
 * @param at config path of the phase
 * @throws ForgeError see {@link openStartingModel}
 */
export async function openOrigin(
  context: Pick<PlanContext, 'resolve' | 'names' | 'validate'>,
  { from, hyperparameters }: ModelOptions,
  at: string,
): Promise<StartingModel | null> {
  if (from === null) return null;
  return openStartingModel(context, from, hyperparameters, `${at}.model.hyperparameters`);
}

/**
 * The shape of a phase's model: size, then own hyper-parameters, then constants. A model from a folder has its own shape;
 * hyper-parameters and constants are laid over it.
 *
 * @param constants what a specialist has otherwise ({@link variantOf}); never shapes
 * @throws ForgeError AF_CONFIG_INVALID, AF_MODEL_CONFIG
 */
export function plannedShape(
  context: Resolver,
  { options, origin, vocabularySize, at }: ShapeSource,
  constants: Readonly<Record<string, unknown>> = {},
): ModelShape {
  const name = origin?.config.architecture ?? options.architecture;
  const architecture = context.resolve(ARCHITECTURE, name);
  const fresh = (): Readonly<Record<string, unknown>> => ({
    ...sizeOf(architecture, { name, size: options.size, at }),
    ...options.hyperparameters,
    vocabularySize,
  });
  const hyperparameters = { ...(origin?.config.hyperparameters ?? fresh()), ...constants };
  return shapeOf(context, { architecture: name, hyperparameters }, `${at}.model.hyperparameters`);
}

/**
 * Hyper-parameters that the architecture gives specialists of a name; none where it knows no such name.
 *
 * @param size of the model; null where it has none of the architecture's
 */
export function variantOf(
  architecture: Pick<Architecture, 'variants'>,
  name: string,
  size: string | null,
): Readonly<Record<string, unknown>> {
  const variants = architecture.variants?.(size) ?? {};
  return Object.hasOwn(variants, name) ? variants[name]! : {};
}

/** @throws ForgeError AF_CONFIG_INVALID when the architecture has no size of that name */
function sizeOf(
  { sizes = {} }: Architecture,
  { name, size, at }: { readonly name: string; readonly size: string | null; readonly at: string },
): Readonly<Record<string, unknown>> {
  if (size === null) return {};
  if (Object.hasOwn(sizes, size)) return sizes[size]!;
  const known = Object.keys(sizes);
  const meant = nearest(size, known);
  throw new ForgeError('AF_CONFIG_INVALID', `The architecture ${name} has no size "${size}".`, {
    at: `${at}.model.size`,
    fix:
      meant === undefined
        ? `Choose one of ${known.join(', ') || 'null (it has none)'}.`
        : `Did you mean "${meant}"?`,
  });
}
