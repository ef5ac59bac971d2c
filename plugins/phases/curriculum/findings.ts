import type { RetentionMatrix } from '../../../nn/curriculum/index.js';
import type { Examined } from '../shared/thoughts/examine.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Beginning } from './begin.js';
import type { InputChecks } from './check-input.js';
import type { Comparison } from './comparison/compare.js';
import type { Finished } from './finish.js';
import type { LevelResult, LevelsState } from './levels.js';
import type { LevelList } from './lists.js';
import type { ToolScores } from './measure.js';
import type { StretchEnd } from './stretch.js';
import type { Values } from './values.js';

/** Everything that the phase found out. */
export interface Findings {
  readonly checks: InputChecks;
  readonly before: Beginning;
  /** Optimizers beside each other; null: none were compared. */
  readonly comparison: Comparison | null;
  /** Main training. */
  readonly main: StretchEnd;
  readonly consolidated: StretchEnd;
  /** Rules that were baked. */
  readonly values: Values;
  readonly lists: readonly LevelList[];
  readonly levels: readonly LevelResult[];
  /** Calls that attempts made. */
  readonly calls: LevelsState['calls'];
  readonly end: Finished;
  readonly retention: RetentionMatrix;
  /** Of low precision in training, relative; null: it was not used. */
  readonly roundingCost: number | null;
  /** Error of the self-model on held-out text; null: the model did not model itself. */
  readonly selfModel: number | null;
  /** Null: no tools were taught. */
  readonly tools: ToolScores | null;
  readonly after: { readonly text: number; readonly examined: Examined };
}

/** Findings with what was concluded of the thoughts. */
export interface Judged extends Findings {
  readonly theater: TheaterReport;
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Levels that ended well: by accuracy or by mastery. */
export function levelsPassed({ levels }: Pick<Findings, 'levels'>): number {
  return levels.filter(({ outcome }) => outcome === 'accuracy' || outcome === 'mastered').length;
}

/** Accuracy of a list at a moment; null where it was not measured. */
export function accuracyAt({ lists, moments, accuracy }: RetentionMatrix, list: string, moment: string) {
  return accuracy[lists.indexOf(list)]?.[moments.indexOf(moment)] ?? null;
}

/** Mean over tools; null where no tools were taught. */
export function meanOfTools(
  tools: ToolScores | null,
  of: (score: ToolScores['tools'][string]) => number,
): number | null {
  const scores = Object.values(tools?.tools ?? {});
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
}

/** On held-out tasks of the last level; null where a hard wall came before it. */
export function finalAccuracy({ retention, lists }: Pick<Findings, 'retention' | 'lists'>): number | null {
  const last = lists.at(-1);
  return last === undefined ? null : accuracyAt(retention, last.name, 'end');
}
