import {
  ARCHITECTURE,
  type Architecture,
  type TensorDescription,
} from '../../../core/contracts/architecture.js';
import type { ModelConfig } from '../../../core/contracts/model.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlanContext } from '../../../core/contracts/phase.js';
import { ForgeError, nearest } from '../../../core/errors/index.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import type { TrainingModel } from '../../../nn/training/index.js';
import type { ObjectiveOptions } from '../shared/objective-options.js';
import { openStartingModel, type StartingModel } from '../shared/starting-model.js';
import type { CognateOptions, Specialization } from './options.js';

/** A model's architecture with validated hyper-parameters. */
export interface ModelSetup {
  readonly architecture: Architecture;
  readonly config: ModelConfig;
  readonly tensors: readonly TensorDescription[];
}

/** What resolving and validating needs: both the plan's and the run's context have it. */
export type Resolver = Pick<PhasePlanContext, 'resolve' | 'validate'>;

/**
 * The model of the trunk (no specialization) or of one branch. Branches differ in constants only, never in shapes,
 * or they could not be merged.
 *
 * @param start the folder they go on from, whose hyper-parameters count
 */
export function setupModel(
  context: Resolver,
  options: CognateOptions,
  branch: Specialization | null,
  start: StartingModel | null,
): ModelSetup {
  const name = start?.config.architecture ?? options.model.architecture;
  const architecture = start?.architecture ?? context.resolve(ARCHITECTURE, name);
  const written = {
    ...(start?.config.hyperparameters ?? freshHyperparameters(architecture, name, options)),
    ...(branch === null ? {} : architecture.variants?.[branch.name]),
  };
  const at = 'phases.cognate.model.hyperparameters';
  const hyperparameters = context.validate(architecture.configSchema, written, at) as Readonly<
    Record<string, unknown>
  >;
  const config = { architecture: name, hyperparameters };
  return { architecture, config, tensors: architecture.describe(hyperparameters) };
}

function freshHyperparameters(
  architecture: Architecture,
  name: string,
  { model: { size, hyperparameters }, tokenizer: { vocabularySize } }: CognateOptions,
): Readonly<Record<string, unknown>> {
  return { ...sizeOf(architecture, name, size), ...hyperparameters, vocabularySize };
}

/** The folder that the models go on from; null where they start from nothing. @throws ForgeError see {@link openStartingModel} */
export async function startOf(
  context: Resolver & Pick<PhasePlanContext, 'names'>,
  { model: { from, hyperparameters } }: CognateOptions,
): Promise<StartingModel | null> {
  if (from === null) return null;
  return openStartingModel(context, from, hyperparameters, 'phases.cognate.model.hyperparameters');
}

/** @throws ForgeError AF_CONFIG_INVALID when the architecture has no size of that name */
function sizeOf(
  { sizes = {} }: Architecture,
  name: string,
  size: string | null,
): Readonly<Record<string, unknown>> {
  if (size === null) return {};
  const found = Object.hasOwn(sizes, size) ? sizes[size] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(sizes);
  const meant = nearest(size, known);
  throw new ForgeError('AF_CONFIG_INVALID', `The architecture ${name} has no size "${size}".`, {
    at: 'phases.cognate.model.size',
    fix: meant === undefined ? `Choose one of ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  });
}

/** The same with the optimizer, ready to train. */
export function trainingModel(
  context: Resolver,
  options: CognateOptions,
  setup: ModelSetup,
  branch: Specialization | null,
): TrainingModel {
  return {
    architecture: setup.architecture,
    config: setup.config.hyperparameters,
    tensors: setup.tensors,
    optimizer: context.resolve(OPTIMIZER, options.optimizer.use, options.optimizer.options),
    objective: nextToken(objectiveOptions(options, branch)),
  };
}

/** A specialist has its own halting threshold and cost per step. */
function objectiveOptions({ objective }: CognateOptions, branch: Specialization | null): ObjectiveOptions {
  if (branch === null) return objective;
  const { haltingThreshold: threshold, ponderCost } = branch;
  return { ...objective, halting: { ...objective.halting, threshold, ponderCost } };
}

/** Updates of the trunk: at least one, and at least one left for the branches. */
export function trunkSteps({
  maxSteps,
  trunkFraction,
}: Pick<CognateOptions, 'maxSteps' | 'trunkFraction'>): number {
  return Math.min(maxSteps - 1, Math.max(1, Math.round(maxSteps * trunkFraction)));
}

/** Seed of a branch's data order and dropout: its own seed under the run's. */
export function branchSeed(runSeed: number, branch: Specialization): number {
  return wordAt(streamKey(runSeed, 'cognate', branch.name, branch.seed), 0);
}
