import type { Document } from '../../../nn/data/index.js';
import type { BakingExample } from '../../../core/contracts/baking.js';
import { stream, type CounterStream } from '../../../nn/random/index.js';
import { trainingExamples } from '../shared/thoughts/examples.js';
import type { Answered } from '../shared/tasks/asking.js';
import type { CurriculumRun } from './prepare.js';
import type { StretchDocument } from './stretch.js';
import { documentOf, referenceDocument, type Asked, type Way } from '../shared/tasks/prompts.js';

/** A task that was learnt, to be learnt again. JSON. */
export interface Lesson {
  readonly asked: Asked;
  readonly way: Way;
}

/** How a task is answered where a manual of its tool is in front, or none is needed. */
export function wayOf({ item }: Asked): Way {
  if (item.tool !== null) return 'call';
  return item.thought === null ? 'direct' : 'thought';
}

/**
 * What a model learns of its own answer: that answer where it was right, else the reference, without the hint as well as with
 * the one that it had.
 */
export function documentsOf(run: Pick<CurriculumRun, 'language'>, answered: Answered): Document[] {
  const { asked, ids, right } = answered;
  if (right && ids !== null) return [documentOf(run.language, asked, ids)];
  const bare = { ...asked, hint: null };
  const poses = asked.hint === null ? [bare] : [asked, bare];
  return poses.map((pose) => referenceDocument(run.language, pose, wayOf(pose)));
}

/** Documents of about `tokens` tokens that earlier phases learnt: thoughts of phase 3 and what phase 1 read, in those shares. */
export function earlierDocuments(
  {
    worked,
    ordinary,
    language,
    measuring,
  }: Pick<CurriculumRun, 'worked' | 'ordinary' | 'language' | 'measuring'>,
  {
    tokens,
    thoughts,
    replay,
  }: { readonly tokens: number; readonly thoughts: number; readonly replay: number },
): StretchDocument[] {
  const { length } = measuring.training;
  const all = thoughts + replay;
  if (all === 0 || tokens <= 0) return [];
  const { thinking } = trainingExamples(worked, ordinary, language.tokenizer, {
    ...{ tokens, length, direct: 0, replay: replay / all },
  });
  return thinking.map((example) => ({ ...exampleDocument(language.tokenizer, example), kept: true }));
}

/** A question with its thought, or a text that was read before, as one document. */
function exampleDocument(
  tokenizer: CurriculumRun['language']['tokenizer'],
  { input, trace, output, written }: BakingExample,
): Document {
  const { bos, eos } = tokenizer.special;
  const before = [...(bos === null ? [] : [bos]), ...tokenizer.encode(input)];
  const after = written ?? [
    ...tokenizer.encode(trace, { specials: true }),
    ...tokenizer.encode(output),
    ...(eos === null ? [] : [eos]),
  ];
  const ids = Int32Array.from([...before, ...after]);
  return { ids, lossMask: new Uint8Array(ids.length).fill(1, before.length) };
}

/** Some of a list, in a random order; all of it where there are no more. */
export function some<T>(list: readonly T[], count: number, random: CounterStream): T[] {
  return [...random.permutation(list.length)].slice(0, count).map((place) => list[place]!);
}

/** Named random numbers of the phase. */
export function randomOf(run: Pick<CurriculumRun, 'ctx'>, ...words: readonly string[]) {
  return stream(run.ctx.seed, 'curriculum', ...words);
}
