import { basename } from 'node:path';
import { DATASET } from '../../../core/contracts/dataset.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { isForgeError, type Problem } from '../../../core/errors/index.js';
import { countParameters } from '../../../nn/models/index.js';
import { mixProblems, mixWarnings } from './mixes.js';
import type { CognateOptions } from './options.js';
import { setupModel, startOf, trunkSteps, type ModelSetup } from './setup.js';

const FLOAT_BYTES = 4;

/** Facts, needs and problems of a run, without loading data or weights. */
export async function planCognate(context: PlanContext, options: CognateOptions): Promise<PhasePlan> {
  const problems: Problem[] = [];
  const setup = await plannedModel(context, options, problems);
  attempt(problems, 'phases.cognate.optimizer', () =>
    context.resolve(OPTIMIZER, options.optimizer.use, options.optimizer.options),
  );
  attempt(problems, 'phases.cognate.tokenizer.kind', () =>
    context.resolve(TOKENIZER, options.tokenizer.kind),
  );
  const datasets = options.data.datasets.flatMap((name, i) => {
    const at = `phases.cognate.data.datasets[${i}]`;
    const dataset = attempt(problems, at, () => context.resolve(DATASET, name));
    return dataset === null ? [] : [{ name, category: dataset.category }];
  });
  if (datasets.length === options.data.datasets.length) problems.push(...mixProblems(options, datasets));
  if (setup !== null) problems.push(...lengthProblems(options, setup));
  problems.push(...specializationProblems(options));
  const parameters = setup === null ? 0 : countParameters(setup.tensors);
  const { rows, length, accumulation } = options.training;
  return {
    facts: {
      ...(options.model.from === null ? {} : { 'goes on from': basename(options.model.from) }),
      parameters,
      models: options.specializations.length,
      'trunk updates': trunkSteps(options),
      'updates per model': options.maxSteps,
      'tokens per update': rows * length * accumulation,
      datasets: options.data.datasets.join(', '),
    },
    memoryBytes: setup === null ? null : memoryBytes(options, setup, parameters),
    diskBytes: setup === null ? null : diskBytes(options, parameters),
    problems,
    warnings: mixWarnings(options, datasets),
  };
}

/** Null where the model cannot be set up. */
async function plannedModel(
  context: PhasePlanContext,
  options: CognateOptions,
  problems: Problem[],
): Promise<ModelSetup | null> {
  try {
    return setupModel(context, options, null, await startOf(context, options));
  } catch (error) {
    const at = options.model.from === null ? 'phases.cognate.model' : 'phases.cognate.model.from';
    problems.push(...problemsOf(error, at));
    return null;
  }
}

/** Run a check; a ForgeError becomes a problem, anything else is a defect and goes on. */
function attempt<T>(problems: Problem[], at: string, check: () => T): T | null {
  try {
    return check();
  } catch (error) {
    problems.push(...problemsOf(error, at));
    return null;
  }
}

function problemsOf(error: unknown, at: string): readonly Problem[] {
  if (!isForgeError(error)) throw error;
  if (error.problems.length > 0) return error.problems;
  return [{ at, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }];
}

function lengthProblems(options: CognateOptions, { architecture, config }: ModelSetup): Problem[] {
  const limit = architecture.contextLength(config.hyperparameters);
  if (options.training.length <= limit) return [];
  return [
    {
      at: 'phases.cognate.training.length',
      message: 'rows are longer than the model can read',
      expected: `at most ${limit} (contextLength)`,
      found: String(options.training.length),
      fix: 'lower training.length or raise model.hyperparameters.contextLength',
    },
  ];
}

function specializationProblems(options: CognateOptions): Problem[] {
  const names = options.specializations.map((branch) => branch.name);
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  return repeated.map((name) => ({
    at: 'phases.cognate.specializations',
    message: `two models are called ${name}`,
    fix: 'give each specialization its own name',
  }));
}

/**
 * Peak memory: parameters, average, two moments and accumulated gradients, twice each (what is read and what is
 * written), gradients once, and the activations that the architecture says it keeps; null when it does not say.
 */
function memoryBytes(
  { training: { rows, length, accumulation } }: CognateOptions,
  { architecture, config }: ModelSetup,
  parameters: number,
): number | null {
  const activations = architecture.memoryBytes?.(config.hyperparameters, { rows, length, training: true });
  if (activations === undefined) return null;
  const copies = accumulation > 1 ? 11 : 9;
  return FLOAT_BYTES * copies * parameters + activations;
}

/** Checkpoints hold parameters, average and two moments; each finished model weights and a half-size sidecar. */
function diskBytes(options: CognateOptions, parameters: number): number {
  const stages = options.specializations.length + 1;
  const checkpoint = 4 * parameters * FLOAT_BYTES;
  const best = parameters * FLOAT_BYTES;
  const models = options.specializations.length * parameters * FLOAT_BYTES * 1.5;
  return stages * ((options.training.keepCheckpoints + 1) * checkpoint + best) + models;
}
