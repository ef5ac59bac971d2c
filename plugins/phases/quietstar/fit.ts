import { totalmem } from 'node:os';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { countParameters } from '../../../nn/models/index.js';
import { thoughtMemoryBytes } from '../../../nn/thoughts/index.js';
import type { ModelShape } from '../shared/model/shape.js';
import { lengthProblems } from '../shared/plan.js';
import type { QuietstarOptions } from './options.js';
import { longestShape } from './quiet-stages.js';

/** Parameters, average, two moments and gradients, some of them twice; the frozen anchor besides. */
const COPIES = 10;
const FLOAT_BYTES = 4;

/**
 * Refuse sizes that the champion cannot think in, before anything is trained.
 *
 * @param totalMemory bytes of this machine
 * @throws ForgeError AF_CONFIG_INVALID with every size that does not fit, and what to lower
 */
export function requireFit(options: QuietstarOptions, model: ModelShape, totalMemory = memoryHere()): void {
  const problems = [
    ...lengthProblems(options.baking.training.length, model, `${AT}.baking.training.length`),
    ...contextProblems(options, model),
    ...memoryProblems(options, model, totalMemory),
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

/** Thoughts are slots of the rows: N x P of them make a pass long. */
function memoryProblems(
  options: QuietstarOptions,
  { architecture, config, tensors }: ModelShape,
  totalMemory: number,
): Problem[] {
  const { quiet, thoughts } = options;
  if (quiet.steps === 0) return [];
  const shape = longestShape(options);
  const pass = thoughtMemoryBytes(architecture, config.hyperparameters, shape, quiet.training.rows);
  if (pass === null) return [];
  const needed = pass + FLOAT_BYTES * COPIES * countParameters(tensors);
  if (needed <= totalMemory) return [];
  return [
    {
      at: `${AT}.thoughts`,
      message: `${thoughts.samples} x ${thoughts.positions} thoughts of a row need more memory than this machine has`,
      expected: `at most ${gigabytes(totalMemory)}`,
      found: gigabytes(needed),
      fix: 'lower thoughts.samples, thoughts.positions, thoughts.tokens, quiet.training.rows or quiet.training.length',
    },
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
