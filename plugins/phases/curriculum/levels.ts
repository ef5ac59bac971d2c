import type { Difficulty } from '../../../core/contracts/tool.js';
import {
  decideProgression,
  EMPTY_RETENTION,
  Lifecycle,
  withMeasurement,
  type LifecycleState,
  type RetentionMatrix,
} from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { attempted, placeName } from './attempts.js';
import { hasTeacher } from './dream-options.js';
import { asleep, type DreamResult } from './dreams.js';
import { documentsOfEpoch } from './epoch-documents.js';
import { randomOf, wayOf, type Lesson } from './lessons.js';
import type { LevelList } from './lists.js';
import { accuracyOf } from './lists.js';
import type { CurriculumRun } from './prepare.js';
import type { Asked } from '../shared/tasks/prompts.js';
import type { StretchName } from './stretch.js';
import type { Forge } from './training.js';
import { savedFor } from './saved.js';

/** How a level ended; `not-reached` where a hard wall came before it. */
export type LevelEnd = 'accuracy' | 'mastered' | 'epochs' | 'items-left' | 'hard-wall' | 'not-reached';

/** Accuracy on the tasks of a level as they were attempted, and on held-out ones after it was learnt from. JSON. */
export interface EpochScore {
  /** Attempts without a hint alone; null where all had one. */
  readonly train: number | null;
  readonly heldOut: number;
  readonly loss: number | null;
}

/** A level that is over. JSON. */
export interface LevelResult {
  readonly level: number;
  readonly difficulty: Difficulty;
  readonly outcome: LevelEnd;
  readonly epochs: readonly EpochScore[];
  readonly mastered: number;
  readonly parked: number;
  readonly hints: number;
  readonly attempts: number;
  /** What it learnt of earlier levels when it was over; null where it learnt nothing of them then. */
  readonly dreams: DreamResult | null;
}

/** Where the curriculum stands between two epochs. JSON. */
export interface LevelsState {
  /** The level that is being learnt, from 1. */
  readonly level: number;
  readonly epochs: readonly EpochScore[];
  /** The task that stands for each place of the level, as it is asked. */
  readonly places: readonly Asked[];
  readonly lifecycle: LifecycleState;
  readonly results: readonly LevelResult[];
  /** Tasks of the levels that are over. */
  readonly learnt: readonly Lesson[];
  readonly retention: RetentionMatrix;
  readonly hints: number;
  /** Calls that attempts made. */
  readonly calls: { readonly total: number; readonly failed: number; readonly violations: number };
  readonly ended: StretchName | null;
  /** The stretch after which the level began, where its model is learnt from later; else null. */
  readonly began: StretchName | null;
  readonly finished: boolean;
}

/** Attempts of an epoch and the stretch that learns from them, told apart by their names. */
const nameOf = (level: number, epoch: number): string =>
  `level-${String(level).padStart(2, '0')}-epoch-${epoch}`;

/**
 * Ten levels, each as long as it needs: the tasks of a level are attempted, what is right is learnt as it was written, what
 * is wrong from the reference, among tasks of earlier levels and phases; held-out tasks decide whether to go on.
 *
 * @param lists held-out tasks of every level
 */
export async function learnLevels(
  run: CurriculumRun,
  forge: Forge,
  lists: readonly LevelList[],
  start: LevelsStart,
  fraction: (done: number) => number,
): Promise<LevelsState> {
  const saved = savedFor<LevelsState>(run, 'levels');
  const before = await saved.latest();
  if (before !== null && before.state.ended !== null) await forge.goTo(before.state.ended);
  let epochs = before?.step ?? 0;
  let model = await forge.applied();
  let state = before?.state ?? (await beginning(run, lists, start, model));
  while (!state.finished) {
    const done = (state.level - 1 + state.epochs.length / run.options.levels.epochs) / lists.length;
    const next = await epoch(run, forge, lists, state, { model, fraction: () => fraction(done) });
    await run.writers.release(model);
    ({ model, state } = next);
    await saved.save({ step: ++epochs, tensors: {}, state }, 1);
    const { left } = next;
    // Main training stays: a run that goes on would do it again.
    const kept = [state.ended?.name, state.began?.name, start.ended?.name];
    for (const one of left) if (one !== null && !kept.includes(one.name)) await forge.forget(one);
  }
  await run.writers.release(model);
  return state;
}

/** Where the levels begin. */
export interface LevelsStart {
  /** What was trained before. */
  readonly ended: StretchName | null;
  /** Measured of the model before the first level: the start of the retention matrix. */
  readonly retention: (model: LiveModel) => Promise<RetentionMatrix>;
}

async function beginning(
  run: CurriculumRun,
  lists: readonly LevelList[],
  start: LevelsStart,
  model: LiveModel,
): Promise<LevelsState> {
  const { ended } = start;
  const retention = await run.clock.time('retention', () => start.retention(model));
  const empty = { ...{ results: [], learnt: [], hints: 0 }, calls: { total: 0, failed: 0, violations: 0 } };
  const began = beginningOf(run, ended);
  return { ...empty, ...newLevel(run, lists, 1), retention, ended, began, finished: lists.length === 0 };
}

/** Kept while a level lasts. */
function beginningOf({ options }: CurriculumRun, ended: StretchName | null): StretchName | null {
  return hasTeacher(options.dreams) ? ended : null;
}

/** The tasks of a level, nothing of it learnt yet. */
function newLevel(run: CurriculumRun, lists: readonly LevelList[], level: number) {
  const { book, options } = run;
  const { difficulty } = lists[level - 1] ?? { difficulty: 1 };
  const draw = new Draw(randomOf(run, 'manuals', `level ${level}`));
  const items = book.mixed({ difficulty, side: 'train', count: options.levels.items }, `level ${level}`);
  const places = items.map((item) => book.plainly(item, draw));
  const names = places.map((_, place) => placeName(place));
  return { level, epochs: [], places, lifecycle: new Lifecycle(names, settingsOf(run)).state() };
}

function settingsOf({ options: { levels } }: Pick<CurriculumRun, 'options'>) {
  return { mastery: levels.streak, mostHints: levels.mostHints };
}

interface EpochEnd {
  readonly state: LevelsState;
  readonly model: LiveModel;
  /** Stretches that nobody goes back to, unless the state names them. */
  readonly left: readonly (StretchName | null)[];
}

async function epoch(
  run: CurriculumRun,
  forge: Forge,
  lists: readonly LevelList[],
  state: LevelsState,
  { model, fraction }: { readonly model: LiveModel; readonly fraction: () => number },
): Promise<EpochEnd> {
  const { clock, options } = run;
  const name = nameOf(state.level, state.epochs.length + 1);
  const lifecycle = new Lifecycle(state.lifecycle, settingsOf(run));
  const attempt = await clock.time('attempts', () =>
    attempted(run, model, state, lifecycle, { name, fraction }),
  );
  const documents = documentsOfEpoch(run, state.learnt, attempt.answers, name);
  const { rate } = options.levels;
  const trained = await clock.time('levels', () =>
    forge.train({ name, documents, rate: [rate, rate], shapes: 'first', fraction }),
  );
  const after = await forge.applied();
  const list = lists[state.level - 1]!;
  const heldOut = await clock.time('attempts', () => accuracyOf(run, after, list.asked));
  const score: EpochScore = { train: attempt.unhinted, heldOut, loss: trained.loss };
  const next: LevelsState = {
    ...state,
    epochs: [...state.epochs, score],
    ...{ places: attempt.places, lifecycle: lifecycle.state(), hints: state.hints + attempt.hints },
    calls: added(state.calls, attempt.calls),
    ended: trained.ended ?? state.ended,
  };
  const { concepts, mastered, active } = lifecycle.counts;
  const decision = decideProgression(
    { epoch: next.epochs.length, accuracy: heldOut, mastered: mastered / concepts, left: active / concepts },
    rulesOf(options.levels),
  );
  if (decision.action === 'continue') return { state: next, model: after, left: [state.ended] };
  const slept = await asleep(run, forge, { ...next, model: after, documents, fraction });
  const over = await levelOver(run, lists, { ...next, ended: slept.ended }, { ...slept, decision });
  return { state: over, model: slept.model, left: [state.ended, next.ended, state.began] };
}

function rulesOf({ advance, mastered, wall, epochs, leastLeft }: CurriculumRun['options']['levels']) {
  return {
    ...{ advanceAccuracy: advance, advanceMastered: mastered, wallAccuracy: wall },
    ...{ mostEpochs: epochs, leastLeft },
  };
}

function added(a: LevelsState['calls'], b: LevelsState['calls']): LevelsState['calls'] {
  return {
    total: a.total + b.total,
    failed: a.failed + b.failed,
    violations: a.violations + b.violations,
  };
}

/** Measure what earlier levels still know, and begin the next one. */
async function levelOver(
  run: CurriculumRun,
  lists: readonly LevelList[],
  state: LevelsState,
  {
    model,
    dreams,
    decision,
  }: {
    readonly model: LiveModel;
    readonly dreams: DreamResult | null;
    readonly decision: { action: 'advance' | 'stop'; reason: LevelEnd };
  },
): Promise<LevelsState> {
  const { level } = state;
  const states = Object.values(state.lifecycle);
  const result: LevelResult = {
    ...{ level, difficulty: lists[level - 1]!.difficulty, outcome: decision.reason, epochs: state.epochs },
    mastered: states.filter(({ status }) => status === 'mastered').length,
    parked: states.filter(({ status }) => status === 'parked').length,
    hints: state.hints,
    attempts: states.reduce((sum, { attempts }) => sum + attempts, 0),
    dreams,
  };
  const finished = decision.action === 'stop' || level === lists.length;
  const retention = await run.clock.time('retention', () =>
    remeasured(run, lists, state, { model, slept: dreams !== null, finished }),
  );
  const learnt = state.places.map((asked): Lesson => ({
    asked: { ...asked, hint: null },
    way: wayOf(asked),
  }));
  return {
    ...state,
    ...{ retention, finished, hints: 0, began: beginningOf(run, state.ended) },
    results: [...state.results, result],
    learnt: [...state.learnt, ...learnt],
    ...(finished ? {} : newLevel(run, lists, level + 1)),
  };
}

/** How the level's own list is answered, and every so many levels, and after the last one, those of all levels before. */
async function remeasured(
  run: CurriculumRun,
  lists: readonly LevelList[],
  { level, epochs, retention }: LevelsState,
  {
    model,
    slept,
    finished,
  }: { readonly model: LiveModel; readonly slept: boolean; readonly finished: boolean },
): Promise<RetentionMatrix> {
  const moment = `level ${level}`;
  const own = lists[level - 1]!;
  const known = slept ? await accuracyOf(run, model, own.asked) : epochs.at(-1)!.heldOut;
  const earlier =
    finished || level % run.options.levels.remeasureEvery === 0 ? lists.slice(0, level - 1) : [];
  const matrix = await measuredLists(run, model, earlier, { moment, retention });
  return withMeasurement(matrix, own.name, moment, known);
}

/** The matrix with one more moment. */
export async function measuredLists(
  run: CurriculumRun,
  model: LiveModel,
  lists: readonly LevelList[],
  { moment, retention = EMPTY_RETENTION }: { readonly moment: string; readonly retention?: RetentionMatrix },
): Promise<RetentionMatrix> {
  let matrix = retention;
  for (const { name, asked } of lists)
    matrix = withMeasurement(matrix, name, moment, await accuracyOf(run, model, asked));
  return matrix;
}
