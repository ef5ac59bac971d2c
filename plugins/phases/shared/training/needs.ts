import { countParameters } from '../../../../nn/models/index.js';
import type { ModelShape } from '../model/shape.js';
import type { TrainingOptions } from '../options.js';
import { distinctShapes, recursionStepsOf, type ShapeOptions } from './stages.js';

const FLOAT_BYTES = 4;

/** What training needs; null with the reason where the architecture does not say. */
export interface Needs {
  readonly memoryBytes: number | null;
  readonly unknown?: string;
}

/**
 * Peak memory of training: parameters, average, two moments and accumulated gradients, twice each (what is read and what
 * is written), gradients once, and the activations that the architecture says it keeps, once for each shape of the run: the
 * program of a shape keeps its memory between runs.
 */
export function trainingNeeds({ architecture, config, tensors }: ModelShape, training: ShapeOptions): Needs {
  const shapes = distinctShapes(training, recursionStepsOf(architecture, config.hyperparameters));
  const activations = shapes.map(({ rows, length }) =>
    architecture.memoryBytes?.(config.hyperparameters, { rows, length, training: true }),
  );
  const known = activations.filter((bytes) => bytes !== undefined);
  if (known.length < activations.length) {
    return { memoryBytes: null, unknown: `${config.architecture} does not say what its activations need` };
  }
  const copies = training.accumulation > 1 ? 11 : 9;
  return { memoryBytes: FLOAT_BYTES * copies * countParameters(tensors) + sum(known) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Bytes of checkpoints that hold parameters, average and two moments, and of the best weights beside them. */
export function checkpointBytes(
  parameters: number,
  { keepCheckpoints }: Pick<TrainingOptions, 'keepCheckpoints'>,
): number {
  return FLOAT_BYTES * parameters * (4 * (keepCheckpoints + 1) + 1);
}
