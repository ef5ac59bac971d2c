import { BAKING, type BakingMethod } from '../../../core/contracts/baking.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PlanContext, ResolveContext } from '../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { bakingNeeds } from '../shared/baking/needs.js';
import type { ModelShape } from '../shared/model/shape.js';
import type { PlanProblems } from '../shared/plan.js';
import { memoryProblem } from '../shared/training/memory-problem.js';
import type { CurriculumOptions } from './options.js';
import { AT } from './paths.js';
import type { TaskBook } from '../shared/tasks/book.js';
import { promptOf, rulesOf, valueQuestions } from './value-options.js';

const HERE = `${AT}.values`;

/** What can be said of rules without a model. */
export async function addValueProblems(
  problems: PlanProblems,
  context: Pick<PlanContext, 'resolve'>,
  { values }: Pick<CurriculumOptions, 'values'>,
): Promise<void> {
  const names = rulesOf(values).map(({ name }) => name);
  if (names.length === 0) return;
  const { use, options, optimizer } = values;
  const method = await problems.check(`${HERE}.use`, () => context.resolve(BAKING, use, options));
  await problems.check(`${HERE}.optimizer`, () =>
    context.resolve(OPTIMIZER, optimizer.use, optimizer.options),
  );
  if (method !== null && (method.teacher !== 'prompted' || method.trajectories === null))
    problems.add({
      at: `${HERE}.use`,
      message: `${use} has no teacher that reads a prompt and answers: there would be nothing to learn`,
      fix: "set values.use to 'prompts'",
    });
  problems.add(
    ...names.flatMap((name, i): Problem[] =>
      names.indexOf(name) === i
        ? []
        : [{ at: `${HERE}.rules[${i}].name`, message: 'two rules have this name', found: name }],
    ),
  );
}

/** Refuse rules that the model cannot read in front of a row, before anything is measured. @throws ForgeError AF_CONFIG_INVALID */
export function requireValuesFit(
  ctx: Pick<ResolveContext, 'resolve'>,
  { values }: Pick<CurriculumOptions, 'values'>,
  model: ModelShape,
  {
    tokenizer,
    book,
  }: { readonly tokenizer: Pick<Tokenizer, 'encode'>; readonly book: Pick<TaskBook, 'questions'> },
): void {
  const rules = rulesOf(values);
  if (rules.length === 0) return;
  const { training, use, options } = values;
  const limit = model.architecture.contextLength(model.config.hyperparameters);
  const longest = Math.max(...rules.map((rule) => tokenizer.encode(promptOf(rule)).length));
  const tooLong: Problem[] =
    training.length + longest <= limit
      ? []
      : [
          {
            at: `${HERE}.training.length`,
            message: 'rows with the longest rule in front are longer than the model can read',
            expected: `at most ${limit - longest} (its context of ${limit} less the ${longest} tokens of the rule)`,
            found: String(training.length),
            fix: 'lower values.training.length, or write shorter rules',
          },
        ];
  const method = ctx.resolve(BAKING, use, options);
  const needs = bakingNeeds(model, method, { ...training, stages: [] }, longest);
  const problems = [
    ...tooLong,
    ...answerProblems(method, limit - longest - shortestQuestion(tokenizer, book, values.questions)),
    ...memoryProblem(needs, {
      at: `${HERE}.training`,
      message: 'baking a rule needs more memory than this machine has',
      fix: 'lower values.training.rows or values.training.length',
    }),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The rules cannot be baked as they are asked for.', { problems });
}

function shortestQuestion(
  tokenizer: Pick<Tokenizer, 'encode'>,
  book: Pick<TaskBook, 'questions'>,
  count: number,
): number {
  return Math.min(...valueQuestions(book, 'train', count).map((text) => tokenizer.encode(text).length));
}

/** The teacher reads rule and question and writes its answer within one context. @param left tokens that are left for it */
function answerProblems({ trajectories }: BakingMethod, left: number): Problem[] {
  if (trajectories === null || trajectories.maxTokens <= left) return [];
  return [
    {
      at: `${HERE}.options.maxTokens`,
      message: 'rule, question and answer are longer than the model can read',
      expected: left < 1 ? 'a shorter rule: nothing is left for an answer' : `at most ${left}`,
      found: String(trajectories.maxTokens),
      fix: 'lower values.options.maxTokens, or write shorter rules',
    },
  ];
}
