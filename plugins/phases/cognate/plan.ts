import { basename } from 'node:path';
import { DATASET, type DataCategory } from '../../../core/contracts/dataset.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import type { Problem } from '../../../core/errors/index.js';
import { countParameters } from '../../../nn/models/index.js';
import { openOrigin, type ModelShape } from '../shared/model/shape.js';
import { lengthProblems, PlanProblems } from '../shared/plan.js';
import { stageProblems } from '../shared/training/stage-problems.js';
import { recursionStepsOf } from '../shared/training/stages.js';
import { checkpointBytes, trainingNeeds } from '../shared/training/needs.js';
import { mixProblems, mixWarnings } from './mixes.js';
import type { CognateOptions } from './options.js';
import { AT, shapeFor } from './prepare.js';
import { trunkSteps } from './shares.js';

const FLOAT_BYTES = 4;
/** Weights, and Fisher information in half precision. */
const BYTES_PER_PARAMETER = FLOAT_BYTES * 1.5;

/** Facts, needs and problems of a run, without loading data or weights. */
export async function planCognate(context: PlanContext, options: CognateOptions): Promise<PhasePlan> {
  const problems = new PlanProblems();
  const modelAt = options.model.from === null ? `${AT}.model` : `${AT}.model.from`;
  const shapes = await problems.check(modelAt, () => plannedShapes(context, options));
  await problems.check(`${AT}.optimizer`, () =>
    context.resolve(OPTIMIZER, options.optimizer.use, options.optimizer.options),
  );
  await problems.known(context, TOKENIZER, options.tokenizer.kind, `${AT}.tokenizer.kind`);
  const datasets: { readonly name: string; readonly category: DataCategory }[] = [];
  for (const [i, name] of options.data.datasets.entries()) {
    const dataset = await problems.known(context, DATASET, name, `${AT}.data.datasets[${i}]`);
    if (dataset !== null) datasets.push({ name, category: dataset.category });
  }
  if (datasets.length === options.data.datasets.length) problems.add(...mixProblems(options, datasets));
  const [trunk] = shapes ?? [];
  problems.add(...trainingProblems(options, shapes ?? []));
  problems.add(...nameProblems(options), ...shapeProblems(shapes ?? []));
  const parameters = trunk === undefined ? null : countParameters(trunk.tensors);
  return {
    facts: {
      ...(parameters === null ? {} : { parameters }),
      ...(options.model.from === null ? {} : { 'goes on from': basename(options.model.from) }),
      models: options.specializations.length,
      'trunk updates': trunkSteps(options),
      'updates per model': options.maxSteps,
      ...updateFacts(options.training),
      datasets: options.data.datasets.join(', '),
    },
    ...(trunk === undefined ? UNKNOWN : trainingNeeds(trunk, options.training)),
    diskBytes: parameters === null ? null : diskBytes(options, parameters),
    problems: problems.all,
    warnings: mixWarnings(options, datasets),
  };
}

/** Tokens of an update: of each stage where there are some, and at the end. */
function updateFacts({
  stages,
  accumulation,
  ...own
}: CognateOptions['training']): Record<string, string | number> {
  const tokens = ({ rows = own.rows, length = own.length }): number => rows * length * accumulation;
  // Stages may change nothing but the recursion steps.
  if (stages.every((stage) => tokens(stage) === tokens({}))) return { 'tokens per update': tokens({}) };
  const parts = stages.map(
    (stage) => `${tokens(stage).toLocaleString('en-US')} to ${Math.round(stage.until * 100)} %, then `,
  );
  return { 'tokens per update': parts.join('') + tokens({}).toLocaleString('en-US') };
}

const UNKNOWN = { memoryBytes: null, unknown: 'not known without a model' } as const;

/** Of the trunk, then of each model. */
async function plannedShapes(context: PlanContext, options: CognateOptions): Promise<ModelShape[]> {
  const origin = await openOrigin(context, options.model, AT);
  return [null, ...options.specializations].map((branch) => shapeFor(context, options, origin, branch));
}

function nameProblems({ specializations }: CognateOptions): Problem[] {
  const names = specializations.map((branch) => branch.name);
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  const reserved = names.filter((name) => name === 'trunk');
  return [
    ...repeated.map((name) => ({
      at: `${AT}.specializations`,
      message: `two models are called ${name}`,
      fix: 'give each specialization its own name',
    })),
    ...reserved.map(() => ({
      at: `${AT}.specializations`,
      message: 'a model cannot be called trunk: that is what all of them come from',
      fix: 'give it another name',
    })),
  ];
}

/** @param shapes the trunk's first; none where that has problems of its own */
function trainingProblems({ training, objective }: CognateOptions, shapes: readonly ModelShape[]): Problem[] {
  const [trunk] = shapes;
  if (trunk === undefined) return [];
  return [
    ...lengthProblems(training.length, trunk, `${AT}.training.length`),
    ...stageProblems(training, shallowest(shapes), `${AT}.training`, objective.stepWeights),
  ];
}

/** The model with the fewest recursion steps: what can be unrolled of it can be of the others. */
function shallowest(shapes: readonly ModelShape[]): ModelShape {
  const stepsOf = ({ architecture, config }: ModelShape): number =>
    recursionStepsOf(architecture, config.hyperparameters);
  return shapes.reduce((least, shape) => (stepsOf(shape) < stepsOf(least) ? shape : least));
}

/** Models with other shapes than the trunk could not go on from it. */
function shapeProblems([trunk, ...branches]: readonly ModelShape[]): Problem[] {
  const form = ({ tensors }: ModelShape): string =>
    JSON.stringify(tensors.map(({ name, shape }) => [name, shape]));
  return branches.flatMap((branch, i) =>
    form(branch) === form(trunk!)
      ? []
      : [
          {
            at: `${AT}.specializations[${i}].hyperparameters`,
            message: 'they change the shapes of the model',
            fix: 'Set constants only; shapes belong into model.hyperparameters, for all models.',
          },
        ],
  );
}

function diskBytes({ specializations, training }: CognateOptions, parameters: number): number {
  const runs = specializations.length + 1;
  return (
    runs * checkpointBytes(parameters, training) + specializations.length * parameters * BYTES_PER_PARAMETER
  );
}
