import type { LiveModel } from '../shared/model/open.js';
import { ask } from '../shared/tasks/asking.js';
import { hasTeacher, type DreamArm } from './dream-options.js';
import { randomOf, some, type Lesson } from './lessons.js';
import type { CurriculumRun } from './prepare.js';
import { documentOf, referenceDocument } from '../shared/tasks/prompts.js';
import type { StretchDocument, StretchName } from './stretch.js';
import type { Forge } from './training.js';

/** What a level that was over learnt of earlier ones. JSON. */
export interface DreamResult {
  readonly arm: DreamArm;
  /** Reference answers that were learnt. */
  readonly real: number;
  /** Tasks that the model answered itself, and its right answers, which were learnt. */
  readonly dreamt: { readonly asked: number; readonly right: number };
  readonly updates: number;
  /** KL(model before the level || model) over what was learnt, before and after, nats; null without a teacher. */
  readonly divergence: { readonly before: number; readonly after: number } | null;
}

/** A level that is over. */
export interface DreamingLevel {
  readonly level: number;
  /** The stretch after which it began. */
  readonly began: StretchName | null;
  /** Tasks of the levels before it. */
  readonly learnt: readonly Lesson[];
  /** What its last epoch learnt. */
  readonly documents: readonly StretchDocument[];
  readonly model: LiveModel;
  /** The stretch that its model comes from. */
  readonly ended: StretchName | null;
  readonly fraction: () => number;
}

/** What goes on from a level: its model, the stretch that it comes from, and what was dreamt. */
export interface AfterSleep extends Pick<DreamingLevel, 'model' | 'ended'> {
  readonly dreams: DreamResult | null;
}

/** Let a level that is over dream, where it is asked for, before anything is measured of it. */
export async function asleep(run: CurriculumRun, forge: Forge, level: DreamingLevel): Promise<AfterSleep> {
  const { model, ended, learnt } = level;
  if (run.options.dreams.arm === 'none' || learnt.length === 0) return { model, ended, dreams: null };
  const dream = await run.clock.time('dreams', () => dreamt(run, forge, level));
  if (dream.ended === null) return { model, ended, dreams: dream.result };
  await run.writers.release(model);
  return { model: await forge.applied(), ended: dream.ended, dreams: dream.result };
}

/**
 * Dream consolidation: tasks of earlier levels are gone through once more, and the model is drawn back to what the model
 * before this level predicted there. Answers are references, or the model's own that a checker accepts.
 *
 * @returns no stretch where none of its answers was right
 */
async function dreamt(
  run: CurriculumRun,
  forge: Forge,
  level: DreamingLevel,
): Promise<{ readonly result: DreamResult; readonly ended: StretchName | null }> {
  const { arm, steps, rate } = run.options.dreams;
  const name = dreamName(level.level);
  const { documents, real, own } = await lessonsOf(run, name, level);
  const stretch = { name, documents, steps, rate: [rate, rate], shapes: 'first' } as const;
  const teacher = hasTeacher({ arm }) ? await forge.latentsAt(level.began) : undefined;
  const divergenceNow = async () => (teacher === undefined ? null : forge.divergence(documents, teacher));
  const { fraction } = level;
  const from = forge.step;
  const before = await divergenceNow();
  const { ended } = await forge.train({ ...stretch, ...(teacher && { teacher }), fraction });
  const after = await divergenceNow();
  const divergence = before === null || after === null ? null : { before, after };
  return { ended, result: { arm, real, dreamt: own, updates: forge.step - from, divergence } };
}

/** Of the stretch and of its random numbers. */
function dreamName(level: number): string {
  return `level-${String(level).padStart(2, '0')}-dreams`;
}

/** What an arm learns: all arms that look back look at the same tasks. */
export async function lessonsOf(
  run: CurriculumRun,
  name: string,
  { learnt, documents, model }: DreamingLevel,
) {
  const { arm, items } = run.options.dreams;
  const nothing = { asked: 0, right: 0 };
  if (arm === 'usual') return { documents, real: 0, own: nothing };
  const lessons = some(learnt, items, randomOf(run, 'dreams', name));
  const half = Math.ceil(lessons.length / 2);
  const real = { real: lessons, dream: [], both: lessons.slice(0, half), none: [] }[arm];
  const asked = { real: [], dream: lessons, both: lessons.slice(half), none: [] }[arm];
  const own = await ownAnswers(run, model, asked, name);
  return {
    documents: [...real.map(({ asked: one, way }) => referenceDocument(run.language, one, way)), ...own],
    real: real.length,
    own: { asked: asked.length, right: own.length },
  };
}

/** The right ones among sampled answers. */
async function ownAnswers(
  run: CurriculumRun,
  model: LiveModel,
  lessons: readonly Lesson[],
  name: string,
): Promise<StretchDocument[]> {
  const { temperature } = run.options.dreams;
  const asked = lessons.map((lesson) => lesson.asked);
  const sampling = { temperature, random: (index: number) => randomOf(run, 'dreams', name, String(index)) };
  const pause = (): Promise<void> => run.ctx.pausePoint(() => Promise.resolve());
  const { answers } = await ask(run, model, asked, pause, { sampling });
  return answers.flatMap(({ asked: one, ids, right }) =>
    right && ids !== null ? [documentOf(run.language, one, ids)] : [],
  );
}
