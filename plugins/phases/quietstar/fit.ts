import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { BAKING } from '../../../core/contracts/baking.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PlanContext } from '../../../core/contracts/phase.js';
import { bakingNeeds } from '../shared/baking/needs.js';
import type { ModelShape } from '../shared/model/shape.js';
import { lengthProblems } from '../shared/plan.js';
import { memoryHere, memoryProblem } from '../shared/training/memory-problem.js';
import type { Needs } from '../shared/training/needs.js';
import { STILL_ROWS, trainedTables } from '../shared/training/trainer.js';
import { methodsOf } from './baking-methods.js';
import { thinkingNeeds } from './needs.js';
import type { QuietstarOptions } from './options.js';
import { longestAt, longestShape } from './quiet-stages.js';

type Resolver = Pick<PlanContext, 'resolve'>;

/** What the sizes have to fit in. */
interface Room {
  /** Of the prompt that is baked; 0 without one. */
  readonly promptTokens: number;
  /** Bytes. */
  readonly totalMemory: number;
}

/**
 * Refuse sizes that the champion cannot think in, and rates of what is not trained of it, before anything is trained.
 *
 * @param room default: no prompt, and the memory of this machine
 * @throws ForgeError AF_CONFIG_INVALID with every size that does not fit, and what to lower
 */
export function requireFit(
  ctx: Resolver,
  options: QuietstarOptions,
  model: ModelShape,
  room: Partial<Room> = {},
): void {
  const problems = [
    ...lengthProblems(options.baking.training.length, model, `${AT}.baking.training.length`),
    ...contextProblems(options, model),
    ...rateProblems(ctx, options, model),
    ...memoryProblems(ctx, options, model, { promptTokens: 0, totalMemory: memoryHere(), ...room }),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The champion cannot be trained to think as it is asked for.', {
    problems,
  });
}

/** Config path of the phase, for messages. */
const AT = 'phases.quietstar';

function contextProblems(options: QuietstarOptions, { architecture, config }: ModelShape): Problem[] {
  const limit = architecture.contextLength(config.hyperparameters);
  const { base, length } = longestShape(options);
  const { thoughtTokens, answerTokens } = options.examination;
  // The last place stands talk + 1 before the end of a row, and the last slot after it length + talk + 1 further on.
  const thinking = base + length + 1;
  // A question of one token, START and END.
  const answering = 1 + 1 + thoughtTokens + 1 + answerTokens;
  return [
    ...(thinking > limit
      ? [
          {
            at: `${AT}.${longestAt(options)}`,
            message: 'a row and a thought are longer than the model can read',
            expected: `at most ${limit} (its context)`,
            found: `${base} + ${length} + 1`,
            fix: `lower quiet.training.length or ${longestAt(options)}`,
          },
        ]
      : []),
    ...(answering > limit
      ? [
          {
            at: `${AT}.examination.thoughtTokens`,
            message: 'a thought and an answer are longer than the model can read',
            expected: `at most ${limit} (its context)`,
            found: String(answering),
            fix: 'lower examination.thoughtTokens or examination.answerTokens',
          },
        ]
      : []),
  ];
}

/** Rows of the marks have a rate only where their tables are trained. The control never meets the marks. */
function rateProblems(ctx: Resolver, { baking, quiet }: QuietstarOptions, model: ModelShape): Problem[] {
  const baked = ctx.resolve(BAKING, baking.use, baking.options).tensors(model.tensors);
  const problem = (
    at: string,
    { markerLr, optimizer: { use, options } }: Pick<typeof baking, 'markerLr' | 'optimizer'>,
    trainable?: readonly string[],
  ): Problem[] =>
    markerLr === null || trainedTables(ctx.resolve(OPTIMIZER, use, options), model, trainable).length > 0
      ? []
      : [{ at: `${AT}.${at}.markerLr`, ...STILL_ROWS, found: String(markerLr) }];
  return [
    ...problem('baking', baking, baked.trainable),
    ...(quiet.steps === 0 ? [] : problem('quiet', quiet)),
  ];
}

/** Both steps, each by itself: what one held is let go before the other begins. */
function memoryProblems(
  ctx: Resolver,
  options: QuietstarOptions,
  model: ModelShape,
  { promptTokens, totalMemory }: Room,
): Problem[] {
  const { quiet, thoughts } = options;
  const most = stepOneNeeds(ctx, options, model, promptTokens);
  return [
    ...memoryProblem(
      most.needs,
      {
        at: `${AT}.baking.training`,
        message: `${most.of} needs more memory than this machine has`,
        fix: `lower baking.training.rows or baking.training.length; ${most.less}`,
      },
      totalMemory,
    ),
    ...(quiet.steps === 0
      ? []
      : memoryProblem(
          thinkingNeeds(model, options),
          {
            at: `${AT}.thoughts`,
            message: `${thoughts.samples} x ${thoughts.positions} thoughts of a row need more memory than this machine has`,
            fix: `lower thoughts.samples, thoughts.positions, ${longestAt(options)}, quiet.training.rows or quiet.training.length`,
          },
          totalMemory,
        )),
  ];
}

/** Of the bake of step 1 that needs more: the control has a method of its own. */
function stepOneNeeds(
  ctx: Resolver,
  { baking }: QuietstarOptions,
  model: ModelShape,
  promptTokens: number,
): { readonly needs: Needs; readonly of: string; readonly less: string } {
  const methods = methodsOf(baking);
  const needsOf = (name: keyof typeof methods): Needs => {
    const { use, options } = methods[name];
    return bakingNeeds(model, ctx.resolve(BAKING, use, options), baking.training, promptTokens);
  };
  const thoughts = {
    needs: needsOf('thoughts'),
    of: 'step 1',
    less: 'baking.options.train: adapters trains less',
  };
  if (!baking.control) return thoughts;
  const control = {
    needs: needsOf('control'),
    of: 'the control of step 1',
    less: 'baking.control: false leaves it out',
  };
  return (control.needs.memoryBytes ?? 0) > (thoughts.needs.memoryBytes ?? 0) ? control : thoughts;
}
