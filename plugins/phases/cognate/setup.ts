import {
  ARCHITECTURE,
  type Architecture,
  type TensorDescription,
} from '../../../core/contracts/architecture.js';
import type { ModelConfig } from '../../../core/contracts/model.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlanContext } from '../../../core/contracts/phase.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import type { TrainingModel } from '../../../nn/training/index.js';
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
 */
export function setupModel(
  context: Resolver,
  options: CognateOptions,
  branch: Specialization | null,
): ModelSetup {
  const architecture = context.resolve(ARCHITECTURE, options.model.architecture);
  const written = { ...options.model.hyperparameters, vocabularySize: options.tokenizer.vocabularySize };
  const at = 'phases.cognate.model.hyperparameters';
  const base = context.validate(architecture.configSchema, written, at) as Readonly<Record<string, unknown>>;
  const hyperparameters = branch === null ? base : specialise(architecture, base, branch);
  const config = { architecture: options.model.architecture, hyperparameters };
  return { architecture, config, tensors: architecture.describe(hyperparameters) };
}

/** Lay a specialization's constants over those hyper-parameters that the architecture knows. */
function specialise(
  architecture: Architecture,
  base: Readonly<Record<string, unknown>>,
  branch: Specialization,
): Readonly<Record<string, unknown>> {
  const known = Object.keys((architecture.configSchema as { properties?: object }).properties ?? {});
  const { actThreshold, memoryCapacity, surprise, novelty, ponderCost } = branch;
  const own = Object.entries({ actThreshold, memoryCapacity, surprise, novelty, ponderCost });
  return { ...base, ...Object.fromEntries(own.filter(([name]) => known.includes(name))) };
}

/** The same with the optimizer, ready to train. */
export function trainingModel(context: Resolver, options: CognateOptions, setup: ModelSetup): TrainingModel {
  return {
    architecture: setup.architecture,
    config: setup.config.hyperparameters,
    tensors: setup.tensors,
    optimizer: context.resolve(OPTIMIZER, options.optimizer.use, options.optimizer.options),
  };
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
