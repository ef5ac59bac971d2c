import type { BakingExample } from '../../../core/contracts/baking.js';
import { trainingExamples } from '../shared/thoughts/examples.js';
import { exampleOf } from './examples.js';
import type { BakedModel } from './model.js';
import type { BakingRun } from './prepare.js';
import type { Standing } from './learn.js';
import { answersOf } from './tools/check.js';
import { plainQuestions } from './tools/questions.js';

/** Questions without a tool, thoughts, texts. */
const KINDS = 3;

/**
 * What is to stay as it is while something is baked, as the model says it: questions that need no tool as it answers them,
 * worked thoughts of phase 3 and texts of phase 1. Without a prompt, model and teacher read the same, so the divergence holds
 * the model where it was.
 *
 * @param wanted rows of what is baked
 * @param words name the random numbers
 */
export async function keptExamples(
  run: BakingRun,
  baked: BakedModel,
  { weights }: Pick<Standing, 'weights'>,
  wanted: number,
  ...words: readonly string[]
): Promise<BakingExample[]> {
  const { keep, training } = run.options.bake;
  const each = Math.ceil((wanted * keep) / (1 - keep) / KINDS);
  if (each === 0) return [];
  const asked = plainQuestions(run, { side: 'train', count: each }, 'kept', ...words);
  const answers = await answersOf(run, baked.applied(weights), asked);
  const plain = answers.flatMap(({ ids, asked: one }) =>
    ids === null || ids.length === 0 ? [] : [exampleOf(run, { teacher: one, model: one }, ids, 'plain')],
  );
  return [...plain, ...earlierExamples(run, each, training.length)];
}

/** Thoughts and texts, about `each` of both, in rows of so many tokens. */
export function earlierExamples(
  { worked, ordinary, language }: BakingRun,
  each: number,
  length: number,
): BakingExample[] {
  const room = { tokens: 2 * each * length, length, direct: 0, replay: 0.5 };
  const { thinking } = trainingExamples(worked, ordinary, language.tokenizer, room);
  const [thoughts, texts] = [false, true].map((isText) =>
    thinking.filter(({ kept = false }) => kept === isText).slice(0, each),
  ) as [BakingExample[], BakingExample[]];
  return [...thoughts, ...texts];
}
