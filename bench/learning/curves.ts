import type { PhaseContext } from '../../core/contracts/phase.js';
import { evaluationSet, Scorer, type ForwardSubject } from '../../nn/evaluation/index.js';
import { specsOf } from '../../nn/training/index.js';
import { candidatesOf, type Candidate } from '../../plugins/phases/shared/evaluation/candidates.js';
import { trainedModel } from '../../plugins/phases/shared/index.js';
import { recursionStepsOf } from '../../plugins/phases/shared/training/stages.js';
import type { Counted } from './examine.js';
import type { Learnt } from './learn.js';
import type { Lesson } from './lesson.js';

/** Exact answers of one dataset. */
export interface Curve {
  readonly dataset: string;
  /** By what the records are told apart by (depth, distance), then by recursion step, the first one first. */
  readonly exact: Readonly<Record<string, readonly Counted[]>>;
}

/** Most records of a dataset that are scored. */
const RECORDS = 300;

/**
 * How many held-out answers are exact after each recursion step, by a number in the records' metadata: what the later
 * steps are worth where a task is deep, and the memory where the answer lies far back.
 *
 * @param key of the metadata
 */
export async function curvesOf(
  ctx: PhaseContext,
  lesson: Lesson,
  { shape, trainer }: Learnt,
  key: string,
  length: number,
): Promise<readonly Curve[]> {
  const { weights } = await trainedModel(trainer, shape);
  const engine = await ctx.engine();
  const state = await engine.createState(weights);
  const { architecture, config } = shape;
  const subject: ForwardSubject = {
    architecture,
    config: config.hyperparameters,
    specs: specsOf(weights),
  };
  const steps = recursionStepsOf(architecture, config.hyperparameters);
  const rows = 16;
  const scorer = await Scorer.create(engine, subject, state, [rows, length]);
  const curves: Curve[] = [];
  for (const [dataset, groups] of groupsOf(lesson, key, length)) {
    const exact: Record<string, Counted[]> = {};
    for (const [value, candidates] of [...groups].sort(([a], [b]) => Number(a) - Number(b))) {
      const documents = candidates.map(({ document }) => document);
      const padId = lesson.tokenizer.tokenizer.special.pad ?? 0;
      const set = evaluationSet(documents, { rows, length, padId });
      exact[value] = [];
      for (let step = 1; step <= steps; step++) {
        const { correctAnswers: right, answers: asked } = await scorer.score(set, () => step);
        exact[value].push({ right, asked });
      }
    }
    curves.push({ dataset, exact });
  }
  await scorer.dispose();
  await state.dispose();
  return curves;
}

/** Held-out questions by dataset and by the number in their metadata. */
function groupsOf(
  { data, tokenizer }: Lesson,
  key: string,
  length: number,
): ReadonlyMap<string, ReadonlyMap<string, readonly Candidate[]>> {
  const datasets = new Map<string, Map<string, Candidate[]>>();
  for (const set of data.sets) {
    const groups = new Map<string, Candidate[]>();
    const candidates = candidatesOf(set, tokenizer.tokenizer, { answerOnly: true, mark: null });
    for (const candidate of candidates.slice(0, RECORDS)) {
      const value = candidate.record.metadata?.[key];
      if (value === undefined || candidate.document.ids.length > length) continue;
      groups.set(String(value), [...(groups.get(String(value)) ?? []), candidate]);
    }
    if (groups.size > 0) datasets.set(set.name, groups);
  }
  return datasets;
}
