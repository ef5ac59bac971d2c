import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { RandomStream } from '../../../../core/contracts/merge.js';
import type { Persona } from '../../../../core/contracts/persona.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { nextToken } from '../../../../nn/objectives/index.js';
import { Draw, streamKey, wordAt } from '../../../../nn/random/index.js';
import { callIds, resultIds } from '../../../../nn/tools/index.js';
import { bake } from '../../shared/baking/bake.js';
import type { Baked } from '../../shared/baking/types.js';
import type { LatentModel } from '../../shared/quantized/latent.js';
import type { Asked, Turn } from '../../shared/tasks/prompts.js';
import { endedExample } from '../examples.js';
import { earlierExamples } from '../kept.js';
import { randomOf, type BakingRun } from '../prepare.js';
import { LESSON_METHOD } from './lesson-method.js';
import { personaQuestions, questionFor } from './questions.js';

/** Held-out examples that the lessons are measured by. */
const HELD_OUT = 64;

/**
 * The teacher is made first: the model learns, from examples, to answer as a persona whose text stands in front, alone and in
 * a conversation. Nothing is baked by it: without the text it answers as before.
 *
 * @param tools that it calls by itself
 */
export function teachPersonas(
  run: BakingRun,
  model: LatentModel,
  tools: readonly string[],
  fraction: (done: number) => number,
): Promise<Baked> {
  const { ctx, options, language } = run;
  const { steps, training, optimizer, keep } = options.personas.lessons;
  const count = steps * training.rows * training.accumulation;
  const kept = earlierExamples(run, Math.ceil((count * keep) / 2), training.length);
  return bake(
    ctx,
    { model, tokenizer: language.tokenizer },
    {
      ...{ name: 'lessons', prefix: 'lessons', steps, optimizer },
      method: LESSON_METHOD,
      train: [
        ...lessonExamples(run, tools, 'train', Math.ceil(count * (1 - keep))),
        ...kept.map((example) => ({ ...example, kept: true })),
      ],
      heldOut: lessonExamples(run, tools, 'held-out', HELD_OUT),
      training: { ...training, earlyStop: null },
      objective: nextToken(options.objective),
      seed: wordAt(streamKey(ctx.seed, 'baking', 'lessons'), 0),
      area: ctx.checkpoints.child('lessons'),
      fraction: (step) => fraction(step / steps),
    },
  );
}

/** Demonstrations of every persona in turn, some within a conversation, some without any persona. */
export function lessonExamples(
  run: BakingRun,
  tools: readonly string[],
  side: TaskSide,
  count: number,
): BakingExample[] {
  const { turns, mostTurns, replay } = run.options.personas.lessons;
  const asked = personaQuestions(run, { side, count, tools }, 'lessons');
  const random = randomOf(run, 'lessons', side);
  const draw = new Draw(random);
  const names = [...run.personas.keys()];
  return asked.map((one, i) => {
    const name = draw.chance(replay) ? null : names[i % names.length]!;
    const persona = name === null ? null : run.personas.get(name)!;
    const before = draw.chance(turns) ? draw.between(1, mostTurns) : 0;
    const earlier = Array.from({ length: before }, () => turnOf(draw.pick(asked), persona, random));
    const posed: Asked = {
      ...one,
      manuals:
        persona === null
          ? []
          : [draw.pick(side === 'train' ? persona.texts.wordings : persona.texts.heldOut)],
      ...(earlier.length === 0 ? {} : { turns: earlier }),
    };
    const answer = demonstration(run, one, persona, random);
    return endedExample(run, { teacher: posed, model: posed }, answer, name ?? 'none');
  });
}

function turnOf({ item }: Asked, persona: Persona | null, random: RandomStream): Turn {
  return { question: item.question, answer: spoken(item, persona, random) };
}

/** What a persona says, or what is said without one. */
function spoken(item: Asked['item'], persona: Persona | null, random: RandomStream): string {
  return persona === null ? ` #### ${item.answer}` : persona.demonstrate(questionFor(item), random);
}

/** Call or thought, and the answer in the manner of the persona. */
function demonstration(
  { language: { tokenizer, tools } }: BakingRun,
  { item }: Asked,
  persona: Persona | null,
  random: RandomStream,
): number[] {
  const said = tokenizer.encode(spoken(item, persona, random));
  if (item.tool !== null)
    return [
      ...callIds(tools!, item.tool.name, tokenizer.encode(item.tool.args)),
      ...resultIds(tools!, tokenizer, item.tool.result),
      ...said,
    ];
  const thought =
    item.thought === null ? [] : tokenizer.encode(`<think>${item.thought}</think>`, { specials: true });
  return [...thought, ...said];
}
