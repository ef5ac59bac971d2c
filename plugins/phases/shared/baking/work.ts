import {
  BAKING,
  type BakingExample,
  type BakingMethod,
  type BakingShape,
  type BakingTensors,
} from '../../../../core/contracts/baking.js';
import type { Objective } from '../../../../core/contracts/objective.js';
import { ForgeError } from '../../../../core/errors/index.js';
import type { HostBatch, TrainingModel } from '../../../../nn/training/index.js';
import { bakingBatches, batchExtras, type BakingRowSet } from './rows.js';
import { withTrajectories } from './trajectories.js';
import type { BakingContext, BakingRequest, BakingStart } from './types.js';

/** A bake with its data made, before the first update. */
export interface BakingWork {
  readonly start: BakingStart;
  readonly request: BakingRequest;
  readonly method: BakingMethod;
  readonly tensors: BakingTensors;
  readonly train: BakingRowSet;
  readonly heldOut: readonly HostBatch[];
  readonly counts: { readonly train: number; readonly heldOut: number; readonly skipped: number };
  /** What trainer and measurement share. */
  readonly parts: Pick<TrainingModel, 'objective' | 'extras'>;
}

/**
 * Let the teacher write what examples leave open, and make the rows of both sides.
 * @throws ForgeError AF_PLUGIN_UNKNOWN, AF_CONFIG_INVALID when the rows do not fit the model, AF_BAKING_DATA when no
 * example is left on one side, AF_BAKING_ALIGNMENT
 */
export async function prepareBaking(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
): Promise<BakingWork> {
  const method = ctx.resolve(BAKING, request.method.use, request.method.options);
  const shape = shapeFor(method, start, request);
  checkShape(shape, start, request);
  const extras = method.extras?.(shape) ?? {};
  const side = async (name: string, examples: readonly BakingExample[]) => {
    const whole = await wholeExamples(ctx, start, request, method, { name, examples });
    const { rows, skipped } = method.rows(whole, start.tokenizer, shape);
    if (rows.length === 0) throw nothingLeft(name, request, skipped.length);
    return { set: { rows, extras }, examples: whole.length - skipped.length, skipped: skipped.length };
  };
  const train = await side('train', request.train);
  const heldOut = await side('held-out', request.heldOut);
  const skipped = train.skipped + heldOut.skipped;
  if (skipped > 0)
    ctx.log.warn(`${request.name}: ${skipped} examples are longer than the rows and were left out.`);
  return {
    ...{ start, request, method, train: train.set },
    tensors: method.tensors(start.model.tensors),
    heldOut: bakingBatches(heldOut.set, request.training.rows),
    counts: { train: train.examples, heldOut: heldOut.examples, skipped },
    parts: {
      objective: teachingAlike(method.objective(request.objective), request.transform),
      extras: batchExtras(extras, request.training.rows),
    },
  };
}

/** The teacher computes with its weights as the student does. */
export function teachingAlike(objective: Objective, transform: BakingRequest['transform']): Objective {
  if (transform === undefined) return objective;
  return (input) =>
    objective(
      Object.keys(input.reference).length === 0 ? input : { ...input, reference: transform(input.reference) },
    );
}

function shapeFor(
  { teacher }: BakingMethod,
  { tokenizer }: BakingStart,
  { train, heldOut, training }: BakingRequest,
): BakingShape {
  const all = [...train, ...heldOut];
  const prompts = new Set(all.map(({ prompt, read }) => (read === undefined ? (prompt ?? '') : '')));
  const lengths = [
    ...[...prompts].map((prompt) => tokenizer.encode(prompt).length),
    ...all.map(({ read }) => (read === undefined ? 0 : read.teacher.length - read.model.length)),
  ];
  return { length: training.length, promptLength: teacher === 'prompted' ? Math.max(0, ...lengths) : 0 };
}

function checkShape(
  { length, promptLength }: BakingShape,
  { model }: BakingStart,
  { name, training }: BakingRequest,
): void {
  const context = model.architecture.contextLength(model.config.hyperparameters);
  if (length + promptLength > context) {
    throw new ForgeError(
      'AF_CONFIG_INVALID',
      `The rows of ${name} are longer than the context of the model.`,
      {
        at: 'training.length',
        fix: `Give at most ${context - promptLength}: the context of ${context} tokens less the ${promptLength} of the longest prompt.`,
        facts: { length, promptLength, context },
      },
    );
  }
  if (training.stages.some((stage) => stage.length !== undefined && stage.length !== length)) {
    throw new ForgeError(
      'AF_CONFIG_INVALID',
      `The rows of ${name} cannot be cut: each holds whole examples.`,
      {
        at: 'training.stages',
        fix: 'Leave `length` out of the stages of a bake.',
      },
    );
  }
}

async function wholeExamples(
  ctx: BakingContext,
  start: BakingStart,
  { training, seed }: BakingRequest,
  { trajectories }: BakingMethod,
  { name: side, examples }: { readonly name: string; readonly examples: readonly BakingExample[] },
): Promise<readonly BakingExample[]> {
  if (trajectories === null) return examples;
  return withTrajectories(ctx, start, examples, { ...trajectories, rows: training.rows, seed, side });
}

function nothingLeft(side: string, { name, training }: BakingRequest, skipped: number): ForgeError {
  return new ForgeError('AF_BAKING_DATA', `${name} has no ${side} example to bake.`, {
    at: name,
    fix:
      skipped > 0
        ? `None fits rows of ${training.length} tokens: give shorter examples, or a larger training.length.`
        : 'Give examples of both sides, with outputs or with a teacher that writes some.',
  });
}
