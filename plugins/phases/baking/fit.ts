import { BAKING } from '../../../core/contracts/baking.js';
import { PERSONA, personaTag } from '../../../core/contracts/persona.js';
import type { PlanContext } from '../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import { TOOL } from '../../../core/contracts/tool.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import { bakingNeeds } from '../shared/baking/needs.js';
import type { ModelShape } from '../shared/model/shape.js';
import { lengthProblems } from '../shared/plan.js';
import { lineIds } from '../shared/tasks/prompts.js';
import { memoryHere, memoryProblem } from '../shared/training/memory-problem.js';
import { stageProblems } from '../shared/training/stage-problems.js';
import type { BakingOptions } from './options.js';
import { AT } from './paths.js';
import { LESSON_METHOD } from './personas/lesson-method.js';
import { personasOf } from './personas/named.js';
import type { BakingRun } from './prepare.js';

type Resolver = Pick<PlanContext, 'resolve'>;
type Training = BakingOptions['bake']['training'];

/** What is to fit, and into what. */
export interface FitSubject {
  readonly model: ModelShape;
  readonly tokenizer: Pick<Tokenizer, 'encode'>;
  /** Names of the tools that are to be baked. */
  readonly tools: readonly string[];
  /** Bytes. Default: of this machine. */
  readonly totalMemory?: number;
}

/** The longest text of a tool or persona that the teacher reads, and the model does not. */
interface LongestText {
  readonly what: string;
  /** Config path of what asks for it. */
  readonly at: string;
  readonly tokens: number;
}

const BAKE = `${AT}.bake.training`;
const LESSONS = `${AT}.personas.lessons.training`;

/**
 * Refuse prompts and rows that the model cannot read, and bakes that the machine has no memory for, before anything is measured.
 * @throws ForgeError AF_CONFIG_INVALID with every size that does not fit, and what to lower
 */
export function requireFit(ctx: Resolver, options: BakingOptions, subject: FitSubject): void {
  const { model } = subject;
  const { bake, personas } = options;
  const texts = longestTexts(ctx, options, subject);
  const problems = [
    ...promptProblems(options, model, texts),
    // Texts are measured in rows of lessons, also where there are none.
    ...lengthProblems(personas.lessons.training.length, model, `${LESSONS}.length`),
    ...(texts.length === 0 ? [] : shapeProblems(bake.training, model, BAKE)),
    ...(isTaught(options) ? shapeProblems(personas.lessons.training, model, LESSONS) : []),
    ...memoryProblems(ctx, options, { ...subject, texts }),
  ];
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'What is to be baked does not fit the model or this machine.', {
    problems,
  });
}

/** Whether a text can stand in front of the rows of a bake, and of a question with its answer: of prompts that are made on the way. */
export function isReadable(
  { start, language, options }: Pick<BakingRun, 'start' | 'language' | 'options'>,
  text: string,
): boolean {
  const { tokenizer } = language;
  const one: LongestText = { what: 'a prompt', at: AT, tokens: lineIds(tokenizer, text).length };
  return promptProblems(options, start, [one]).length === 0;
}

function isTaught(options: BakingOptions): boolean {
  return personasOf(options).length > 0 && options.personas.lessons.steps > 0;
}

/** Of every tool and every persona. */
function longestTexts(
  ctx: Resolver,
  options: BakingOptions,
  { tokenizer, tools }: Pick<FitSubject, 'tokenizer' | 'tools'>,
): readonly LongestText[] {
  const tokens = (line: string): number => lineIds(tokenizer, line).length;
  const most = (lines: readonly string[]): number => Math.max(...lines.map(tokens));
  // Behind its token the model reads that instead of the text.
  const tag = (name: string): number =>
    options.personas.switching === 'trigger' ? tokens(personaTag(name)) : 0;
  return [
    ...tools.map((name): LongestText => {
      const { wordings } = ctx.resolve(TOOL, name).manual;
      return { what: `the manual of ${name}`, at: `${AT}.tools.use`, tokens: most(wordings) };
    }),
    ...personasOf(options).map((name): LongestText => {
      const { wordings } = ctx.resolve(PERSONA, name).texts;
      return { what: `the text of ${name}`, at: `${AT}.personas.use`, tokens: most(wordings) - tag(name) };
    }),
  ];
}

/** A teacher reads a prompt and a row, or a prompt, a question and its answer, within one context. */
function promptProblems(
  { bake, examination }: BakingOptions,
  { architecture, config }: ModelShape,
  texts: readonly LongestText[],
): Problem[] {
  const limit = architecture.contextLength(config.hyperparameters);
  const unreadable = texts.filter(({ tokens }) => tokens >= limit);
  if (unreadable.length > 0)
    return unreadable.map(({ what, at, tokens }) => ({
      ...{ at, message: `${what} is longer than the model can read` },
      expected: `fewer tokens than its context of ${limit}`,
      found: String(tokens),
      fix: 'leave it out, or bake it into a model with a longer context',
    }));
  const longest = texts.reduce<LongestText | null>(
    (one, other) => (one === null || other.tokens > one.tokens ? other : one),
    null,
  );
  const left = limit - (longest?.tokens ?? 0);
  const why = longest === null ? '' : ` less the ${longest.tokens} tokens of ${longest.what}`;
  const tooLong = (at: string, message: string, most: number, found: number): Problem[] => {
    const expected = `at most ${most} (the context of ${limit}${why})`;
    const fix = `lower ${at.slice(AT.length + 1)}, or leave out what has so long a text`;
    return found <= most ? [] : [{ at, message, expected, found: String(found), fix }];
  };
  return [
    ...(longest === null
      ? []
      : tooLong(
          `${BAKE}.length`,
          'rows with the longest prompt in front are longer than the model can read',
          left,
          bake.training.length,
        )),
    ...tooLong(
      `${AT}.examination.taskTokens`,
      'prompt, question and answer are longer than the model can read',
      // A question of one token.
      left - 1,
      examination.taskTokens,
    ),
  ];
}

/** Stages of a run whose rows hold whole examples. */
function shapeProblems(training: Training, model: ModelShape, at: string): Problem[] {
  const cut = training.stages.flatMap(({ length = training.length }, i): Problem[] =>
    length === training.length
      ? []
      : [
          {
            at: `${at}.stages[${i}].length`,
            message: 'rows of whole examples cannot be cut',
            expected: String(training.length),
            found: String(length),
            fix: 'leave the length out of the stages',
          },
        ],
  );
  return cut.length > 0 ? cut : stageProblems(training, model, at);
}

/** Bakes and lessons, each by itself: what one held is let go before the next begins. */
function memoryProblems(
  ctx: Resolver,
  options: BakingOptions,
  { model, texts, totalMemory = memoryHere() }: FitSubject & { readonly texts: readonly LongestText[] },
): Problem[] {
  const { bake, personas } = options;
  const longest = Math.max(0, ...texts.map(({ tokens }) => tokens));
  const problemOf = (
    what: string,
    at: string,
    { use, options: own }: Pick<BakingOptions['bake'], 'use' | 'options'>,
    { training, prompt }: { readonly training: Training; readonly prompt: number },
  ): Problem[] => {
    const rows = at.slice(AT.length + 1);
    return memoryProblem(
      bakingNeeds(model, ctx.resolve(BAKING, use, own), training, prompt),
      {
        at,
        message: `${what} more memory than this machine has`,
        fix: `lower ${rows}.rows or ${rows}.length`,
      },
      totalMemory,
    );
  };
  const { training } = personas.lessons;
  return [
    ...(texts.length === 0
      ? []
      : problemOf('a bake needs', BAKE, bake, { training: bake.training, prompt: longest })),
    ...(isTaught(options)
      ? problemOf('lessons about personas need', LESSONS, LESSON_METHOD, { training, prompt: 0 })
      : []),
  ];
}
