import { totalmem } from 'node:os';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import type { BakingMethod } from '../../../core/contracts/baking.js';
import { bakingNeeds } from '../shared/baking/needs.js';
import type { ModelShape } from '../shared/model/shape.js';
import { lengthProblems } from '../shared/plan.js';
import type { Needs } from '../shared/training/needs.js';
import { thinkingNeeds } from './needs.js';
import type { QuietstarOptions } from './options.js';
import { longestShape } from './quiet-stages.js';

/** What the sizes have to fit in. */
interface Room {
  /** Of the prompt that is baked; 0 without one. */
  readonly promptTokens: number;
  /** Bytes. */
  readonly totalMemory: number;
}

/**
 * Refuse sizes that the champion cannot think in, before anything is trained.
 *
 * @param method that bakes the thoughts
 * @param room default: no prompt, and the memory of this machine
 * @throws ForgeError AF_CONFIG_INVALID with every size that does not fit, and what to lower
 */
export function requireFit(
  options: QuietstarOptions,
  model: ModelShape,
  method: BakingMethod,
  room: Partial<Room> = {},
): void {
  const problems = [
    ...lengthProblems(options.baking.training.length, model, `${AT}.baking.training.length`),
    ...contextProblems(options, model),
    ...memoryProblems(options, model, method, { promptTokens: 0, totalMemory: memoryHere(), ...room }),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The champion cannot think in the sizes that are asked for.', {
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
            at: `${AT}.thoughts.tokens`,
            message: 'a row and a thought are longer than the model can read',
            expected: `at most ${limit} (its context)`,
            found: `${base} + ${length} + 1`,
            fix: 'lower quiet.training.length or thoughts.tokens',
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

/** Both steps, each by itself: what one held is let go before the other begins. */
function memoryProblems(
  options: QuietstarOptions,
  model: ModelShape,
  method: BakingMethod,
  { promptTokens, totalMemory }: Room,
): Problem[] {
  const { baking, quiet, thoughts } = options;
  const problem = ({ memoryBytes }: Needs, told: Pick<Problem, 'at' | 'message' | 'fix'>): Problem[] =>
    memoryBytes === null || memoryBytes <= totalMemory
      ? []
      : [{ ...told, expected: `at most ${gigabytes(totalMemory)}`, found: gigabytes(memoryBytes) }];
  return [
    ...problem(bakingNeeds(model, method, baking.training, promptTokens), {
      at: `${AT}.baking.training`,
      message: 'step 1 needs more memory than this machine has',
      fix: 'lower baking.training.rows or baking.training.length; baking.options.train: adapters trains less',
    }),
    ...(quiet.steps === 0
      ? []
      : problem(thinkingNeeds(model, options), {
          at: `${AT}.thoughts`,
          message: `${thoughts.samples} x ${thoughts.positions} thoughts of a row need more memory than this machine has`,
          fix: 'lower thoughts.samples, thoughts.positions, thoughts.tokens, quiet.training.rows or quiet.training.length',
        })),
  ];
}

/** Of this machine, or of the container that the process is held in. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
