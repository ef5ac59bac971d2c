import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { taughtExamples } from '../examples.js';
import { keptExamples } from '../kept.js';
import { learn, type Standing } from '../learn.js';
import { toolList } from '../lists.js';
import type { BakedModel } from '../model.js';
import { counted } from '../../shared/progress.js';
import { inOrder } from '../order.js';
import type { BakingRun } from '../prepare.js';
import { posedTool, toolQuestions } from './questions.js';

/**
 * Bake tools, one after the other or all at once: the model that reads the manual of a tool is the teacher of the model that
 * does not. What needs no tool stays as it is, and what was baked before is rehearsed.
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
  for (const { names, label, at } of inOrder(run.options.bake.order, tools, 'tools', fraction)) {
    const lesson = await run.clock.time('tools', () => lessonOf(run, baked, standing, names));
    standing = await learn(
      run,
      baked,
      standing,
      {
        ...{
          name: label,
          subjects: names,
          kind: 'tool',
          ...lesson,
          lists: names.map((tool) => toolList(run, tool)),
        },
        ...{ steps: run.options.tools.steps * names.length, fraction: at },
      },
      'tools',
    );
  }
  return standing;
}

/** What the model with the manuals writes, and what is to stay. */
async function lessonOf(run: BakingRun, baked: BakedModel, standing: Standing, tools: readonly string[]) {
  const { questions, heldOut } = run.options.tools;
  const { perQuestion } = run.options.trajectories;
  const train = await writtenWith(run, baked, standing, tools, {
    side: 'train',
    count: questions,
    copies: perQuestion,
  });
  return {
    train,
    heldOut: await writtenWith(run, baked, standing, tools, { side: 'held-out', count: heldOut, copies: 1 }),
    kept: await keptExamples(run, baked, standing, train.length, ...tools),
  };
}

async function writtenWith(
  run: BakingRun,
  baked: BakedModel,
  { weights }: Standing,
  tools: readonly string[],
  { side, count, copies }: { readonly side: TaskSide; readonly count: number; readonly copies: number },
): Promise<BakingExample[]> {
  const { keep } = run.options.trajectories;
  const all: BakingExample[] = [];
  for (const tool of tools) {
    const asked = toolQuestions(run, tool, { side, count }, 'bake');
    const written = await taughtExamples(
      run,
      baked.applied(weights),
      posedTool(run, asked, 'bake', tool, side),
      {
        ...{ strategy: tool, copies, words: [tool, side] },
        keeps: ({ right }) => right || keep === 'all',
        told: counted(run.ctx, { task: `${tool} answers`, total: copies * asked.length, unit: 'answer' }),
      },
    );
    all.push(...written);
  }
  return all;
}
