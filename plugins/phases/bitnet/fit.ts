import type { PlanContext } from '../../../core/contracts/phase.js';
import { ForgeError, nearest, type Problem } from '../../../core/errors/index.js';
import { countParameters } from '../../../nn/models/index.js';
import { capProblems, type SizeCap, type TensorChoice } from '../../../nn/quantization/index.js';
import type { OpenedModel } from '../shared/model/open.js';
import type { ModelShape } from '../shared/model/shape.js';
import { lengthProblems } from '../shared/plan.js';
import { memoryProblem } from '../shared/training/memory-problem.js';
import { trainingNeeds, type Needs } from '../shared/training/needs.js';
import { choicesOf, KEPT, pinProblems, weightFormats } from './layer-map.js';
import { DEFAULT_NORMS, type BitnetOptions } from './options.js';
import { AT } from './paths.js';

/** Of the header of a packed file, deflated: what it says of a tensor with what fills its stream up, and what it says once. */
const ENTRY_BYTES = 64;
const HEADER_BYTES = 1024;

/**
 * Refuse formats and sizes that the model cannot have, before anything is measured.
 * @throws ForgeError AF_CONFIG_INVALID
 */
export function requireFit(
  ctx: Pick<PlanContext, 'resolve'>,
  { recovery, formats, mixed }: BitnetOptions,
  model: OpenedModel,
): void {
  const available = weightFormats(ctx, formats);
  const pins = pinProblems(model.tensors, available, formats);
  const choices = pins.length > 0 ? null : choicesOf(model.tensors, available, formats);
  const problems = [
    ...lengthProblems(recovery.training.length, model, `${AT}.recovery.training.length`),
    ...memoryProblem(recoveryNeeds(model, recovery), {
      at: `${AT}.recovery.training`,
      message: 'training with a teacher beside it needs more memory than this machine has',
      fix: 'lower recovery.training.rows or recovery.training.length, or set recovery.distillation.weight to 0',
    }),
    ...normProblems(model.tensors, formats),
    ...pins,
    ...(choices === null ? [] : nothingProblems(choices, formats)),
    ...(choices === null || mixed.when === 'never'
      ? []
      : capProblems(choices, capOf(model, mixed.ratio, formats), `${AT}.mixed.ratio`)),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The model cannot be made ternary as it is asked for.', {
    problems,
  });
}

/** A run that keeps every tensor as it is would train for nothing and have no layer to tell of. */
function nothingProblems(
  choices: readonly TensorChoice[],
  { smallest }: BitnetOptions['formats'],
): Problem[] {
  if (choices.some(({ options }) => options[0]!.format !== KEPT)) return [];
  const matrices = choices.filter(({ tensor }) => tensor.linear === true);
  const largest = Math.max(0, ...matrices.map(({ tensor }) => countParameters([tensor])));
  const counted = (count: number): string => count.toLocaleString('en-US');
  const message = 'nothing would be quantised: every tensor is kept as it is';
  return [
    largest < smallest
      ? {
          ...{ at: `${AT}.formats.smallest`, message, found: counted(smallest) },
          expected: `at most ${counted(largest)}, the weights of the largest matrix`,
          fix: `Lower it to ${counted(largest)} or less: the model is small.`,
        }
      : {
          ...{ at: `${AT}.formats`, message },
          fix: `Let formats.ladder begin with another format than ${KEPT}, or pin less to it.`,
        },
  ];
}

/**
 * How large the packed file may be, and what it holds besides the formats that choices count: vectors in floats, where a choice
 * counts half floats, the gains of norms, header, checksums and what fills streams up.
 *
 * @param ratio that it is smaller than the floats by
 */
export function capOf(
  { ref, tensors }: OpenedModel,
  ratio: number,
  { norms }: Pick<BitnetOptions['formats'], 'norms'>,
): SizeCap {
  const vectors = tensors.filter(({ shape }) => shape.length < 2);
  const gains = tensors.filter(({ linear, role }) => linear === true && norms.includes(role));
  const widths = gains.map(({ shape, layout }) => shape[layout === 'out-in' ? 1 : 0]!);
  const overhead =
    (FLOAT_BYTES / 2) * countParameters(vectors) +
    FLOAT_BYTES * widths.reduce((sum, width) => sum + width, 0) +
    ENTRY_BYTES * (tensors.length + gains.length) +
    HEADER_BYTES;
  return { bytes: Math.floor(ref.weights.bytes / ratio), overhead };
}

/** Roles that no linear matrix of the model has: a norm would be put nowhere. */
function normProblems(tensors: ModelShape['tensors'], { norms }: BitnetOptions['formats']): Problem[] {
  const linear = tensors.filter((tensor) => tensor.linear === true && tensor.role !== 'output-head');
  const roles = [...new Set<string>(linear.map(({ role }) => role))];
  return norms.flatMap((role, i): Problem[] => {
    // Of the defaults a model of another kind may have none.
    if (roles.includes(role) || DEFAULT_NORMS.includes(role)) return [];
    const meant = nearest(role, roles);
    return [
      {
        at: `${AT}.formats.norms[${i}]`,
        message: 'is no role of a linear matrix of the model',
        expected: roles.join(', '),
        found: role,
        ...(meant === undefined ? {} : { suggestion: meant }),
        fix: 'Name roles of matrices that a norm is to stand before, or leave it out.',
      },
    ];
  });
}

const FLOAT_BYTES = 4;

/** Peak memory of recovery: training of all, and the teacher with what it reads. */
export function recoveryNeeds(
  model: ModelShape,
  { training, distillation }: BitnetOptions['recovery'],
): Needs {
  const own = trainingNeeds(model, { ...training });
  if (own.memoryBytes === null || distillation.weight === 0) return own;
  const { rows, length } = training;
  const { architecture, config, tensors } = model;
  const reading = architecture.memoryBytes!(config.hyperparameters, { rows, length, training: false });
  return { memoryBytes: own.memoryBytes + FLOAT_BYTES * countParameters(tensors) + reading };
}
