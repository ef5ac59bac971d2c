import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { exampleOf, taughtExamples } from '../examples.js';
import { learn, type Standing } from '../learn.js';
import { toolList } from '../lists.js';
import type { BakedModel } from '../model.js';
import type { BakingRun } from '../prepare.js';
import { answersOf } from './check.js';
import { plainQuestions, posedTool, toolQuestions } from './questions.js';

/**
 * Bake tools one after the other: the model that reads the manual of a tool is the teacher of the model that does not. What
 * needs no tool stays as it is, and what was baked before is rehearsed.
 *
 * @param tools that passed the teacher check
 */
export async function bakeTools(
  run: BakingRun,
  baked: BakedModel,
  begun: Standing,
  tools: readonly string[],
  fraction: (done: number) => number,
): Promise<Standing> {
  let standing = begun;
  for (const [place, tool] of tools.entries()) {
    const at = (done: number): number => fraction((place + done) / tools.length);
    const lesson = await run.clock.time('tools', () => lessonOf(run, baked, standing, tool));
    standing = await learn(
      run,
      baked,
      standing,
      {
        ...{ name: tool, kind: 'tool', ...lesson, list: toolList(run, tool) },
        ...{ steps: run.options.tools.steps, fraction: at },
      },
      'tools',
    );
  }
  return standing;
}

/** What the model with the manual writes, and what the model without any says where no tool is needed. */
async function lessonOf(run: BakingRun, baked: BakedModel, { weights }: Standing, tool: string) {
  const teacher = baked.applied(weights);
  const { questions, heldOut } = run.options.tools;
  const { perQuestion, keep } = run.options.trajectories;
  const written = (side: TaskSide, count: number, copies: number): Promise<BakingExample[]> =>
    taughtExamples(
      run,
      teacher,
      posedTool(run, toolQuestions(run, tool, { side, count }, 'bake'), 'bake', tool, side),
      {
        ...{ strategy: tool, copies, words: [tool, side] },
        keeps: ({ right }) => right || keep === 'all',
        told: () => run.ctx.pausePoint(() => Promise.resolve()),
      },
    );
  return {
    train: await written('train', questions, perQuestion),
    heldOut: await written('held-out', heldOut, 1),
    kept: await plainExamples(run, baked, weights, Math.ceil(questions / 2), tool),
  };
}

/** Questions that need no tool, as the model answers them: it is to go on so. */
export async function plainExamples(
  run: BakingRun,
  baked: BakedModel,
  weights: Standing['weights'],
  count: number,
  ...words: readonly string[]
): Promise<BakingExample[]> {
  const asked = plainQuestions(run, { side: 'train', count }, 'kept', ...words);
  const answers = await answersOf(run, baked.applied(weights), asked);
  return answers.flatMap(({ ids, asked: one }) =>
    ids === null || ids.length === 0 ? [] : [exampleOf(run, { teacher: one, model: one }, ids, 'plain')],
  );
}
