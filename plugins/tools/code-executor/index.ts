import { defineTool, toolNameTag } from '../../../core/contracts/tool.js';
import { manualsOf } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import { outcomeOf } from '../shared/outcome.js';
import { drawOn, worded } from '../shared/questions.js';
import { runProgram } from './interpreter.js';
import { parseProgram } from './parser.js';
import { drawProgram, WORDINGS } from './questions.js';

const TAG = toolNameTag('code-executor');

/** Runs programs of a language of its own that has integers, loops and nothing else: there is no host to reach. */
export const codeExecutor = defineTool({
  name: 'code-executor',
  description: 'Programs of a small language: integers, if, while, repeat, print',
  create: () => ({
    manual: {
      wordings: [
        `${TAG} runs a program. Give it the code.`,
        `To run code call ${TAG} with the program.`,
        `Tool ${TAG}: give it code, get what it prints.`,
        `Ask ${TAG} when code must be run.`,
        `Use ${TAG} for programs, like x=4;print x*3.`,
        `Programs are for ${TAG}: give it the code.`,
        `${TAG} executes what you give it.`,
        `Code? Call ${TAG} with the program.`,
        `Let ${TAG} run programs.`,
        `You have ${TAG}, which knows what code prints.`,
        ...manualsOf(TAG, ['programs', 'code', 'the output of programs']),
      ],
      heldOut: [
        `Code is executed by ${TAG}; hand over the program.`,
        `${TAG} takes a program and says what it prints.`,
        `You can try code with ${TAG}.`,
      ],
      short: `${TAG}: programs`,
    },
    run: (args, limits) => outcomeOf(args, limits, () => runProgram(parseProgram(args), limits)),
    ask: (random, difficulty, side) => {
      const draw = new Draw(random);
      const program = drawOn(side, () => drawProgram(draw, difficulty));
      return worded(draw, WORDINGS, side, program, program);
    },
  }),
});
