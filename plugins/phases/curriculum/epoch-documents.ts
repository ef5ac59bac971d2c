import { Draw } from '../../../nn/random/index.js';
import type { Answered } from '../shared/tasks/asking.js';
import { documentsOf, earlierDocuments, randomOf, some, wayOf, type Lesson } from './lessons.js';
import type { CurriculumRun } from './prepare.js';
import { referenceDocument } from '../shared/tasks/prompts.js';
import type { StretchDocument } from './stretch.js';

/**
 * What an epoch learns: every attempt, `levels.variants` further variants of each task that was answered wrongly, and
 * `levels.rehearsal` of all from earlier levels and phases.
 *
 * @param learnt tasks of earlier levels
 * @param name of the epoch
 */
export function documentsOfEpoch(
  run: CurriculumRun,
  learnt: readonly Lesson[],
  answers: readonly Answered[],
  name: string,
): StretchDocument[] {
  const attempts = answers.flatMap((one) => documentsOf(run, one));
  return withRehearsal(run, learnt, [...attempts, ...furtherVariants(run, answers, name)], name);
}

/** Reference answers: nobody has to attempt what is known to be too hard still. */
function furtherVariants(run: CurriculumRun, answers: readonly Answered[], name: string): StretchDocument[] {
  const { book, language, options } = run;
  const random = randomOf(run, 'further variants', name);
  const draw = new Draw(random);
  return answers
    .filter(({ right }) => !right)
    .flatMap(({ asked: { item } }) =>
      Array.from({ length: options.levels.variants }, () => {
        const asked = book.plainly(book.variant(item, random), draw);
        return referenceDocument(language, asked, wayOf(asked));
      }),
    );
}

/** New documents with a share of old ones: half of them of earlier levels, the rest of earlier phases. */
function withRehearsal(
  run: CurriculumRun,
  learnt: readonly Lesson[],
  documents: readonly StretchDocument[],
  name: string,
): StretchDocument[] {
  const { rehearsal } = run.options.levels;
  const wanted = Math.round((documents.length * rehearsal) / (1 - rehearsal));
  if (documents.length === 0 || wanted === 0) return [...documents];
  const random = randomOf(run, 'rehearsal', name);
  const old = some(learnt, Math.ceil(wanted / 2), random);
  const mean = documents.reduce((sum, { ids }) => sum + ids.length, 0) / documents.length;
  const earlier = earlierDocuments(run, {
    ...{ tokens: mean * (wanted - old.length) * EARLIER_CHOICE },
    ...run.options.data,
  });
  return [
    ...documents,
    ...old.map(({ asked, way }) => referenceDocument(run.language, asked, way)),
    ...some(earlier, wanted - old.length, random),
  ];
}

/** So many more documents than are wanted are there to choose from, or every epoch would rehearse the same ones. */
const EARLIER_CHOICE = 8;
