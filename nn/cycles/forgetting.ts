import { EMPTY_RETENTION, withMeasurement, type RetentionMatrix } from '../curriculum/retention.js';
import { mapEstimate, type Estimate } from '../evaluation/intervals.js';
import { comparePaired, type BootstrapOptions } from '../evaluation/paired.js';

/** Which items of each list were right at each moment. JSON. */
export interface AnswerMatrix {
  /** Names of the lists, in their order. */
  readonly lists: readonly string[];
  /** Names of the moments, in their order. */
  readonly moments: readonly string[];
  /** `right[list][moment]`: a character per item, 1 or 0; null: not measured. */
  readonly right: readonly (readonly (string | null)[])[];
}

/** What a list lost. JSON. */
export interface Drop {
  readonly list: string;
  readonly items: number;
  /** The earlier moment with the most right items; of equal ones the first. */
  readonly best: string;
  /** Accuracy then less accuracy now, in points (hundredths), with its 95 % interval over items; below 0: a gain. */
  readonly points: Estimate;
}

export const EMPTY_ANSWERS: AnswerMatrix = { lists: [], moments: [], right: [] };

/**
 * A matrix with one more measurement; a list or moment that is new is put at the end. What was measured of a model that was then
 * dropped belongs in no matrix: go on with the one before.
 *
 * @throws RangeError without items, or with other than the list has
 */
export function withAnswers(
  matrix: AnswerMatrix,
  list: string,
  moment: string,
  right: readonly boolean[],
): AnswerMatrix {
  const known = matrix.right[matrix.lists.indexOf(list)]?.find((one) => one !== null);
  const items = known?.length ?? right.length;
  if (right.length === 0 || right.length !== items)
    throw new RangeError(`${right.length} answers to the ${items} items of ${list}`);
  const written = right.map(Number).join('');
  const accuracies = withMeasurement(retentionMatrix(matrix), list, moment, shareOf(written));
  return {
    lists: accuracies.lists,
    moments: accuracies.moments,
    right: accuracies.lists.map((name, row) =>
      accuracies.moments.map((at, column) =>
        name === list && at === moment ? written : (matrix.right[row]?.[column] ?? null),
      ),
    ),
  };
}

/** The accuracies alone, for means over lists: `forgetting` of nn/curriculum. */
export function retentionMatrix({ lists, moments, right }: AnswerMatrix): RetentionMatrix {
  const accuracy = right.map((row) => row.map((one) => (one === null ? null : shareOf(one))));
  return lists.length === 0 ? EMPTY_RETENTION : { lists, moments, accuracy };
}

/**
 * What every list lost at a moment against the best moment before it, item by item: those measured then and before.
 * @throws RangeError for a moment that there is not
 */
export function dropsAt(matrix: AnswerMatrix, moment: string, options: BootstrapOptions = {}): Drop[] {
  const column = matrix.moments.indexOf(moment);
  if (column < 0) throw new RangeError(`"${moment}" is none of ${matrix.moments.join(', ')}`);
  return matrix.lists.flatMap((list, row) => {
    const answers = matrix.right[row]!;
    const [now, best] = [answers[column] ?? null, bestOf(answers.slice(0, column))];
    if (now === null || best === null) return [];
    const { items, difference } = comparePaired(itemsOf(answers[best]!), itemsOf(now), options);
    const points = mapEstimate(difference, (share) => POINTS * share);
    return [{ list, items, best: matrix.moments[best]!, points }];
  });
}

/** The list that lost most; null where none was measured before. */
export function worstDrop(drops: readonly Drop[]): Drop | null {
  return drops.reduce<Drop | null>(
    (worst, drop) => (worst === null || drop.points.value > worst.points.value ? drop : worst),
    null,
  );
}

const POINTS = 100;

/** Place of the first of the best; null where none was measured. */
function bestOf(answers: readonly (string | null)[]): number | null {
  return answers.reduce<number | null>((best, one, i) => {
    if (one === null) return best;
    return best === null || shareOf(one) > shareOf(answers[best]!) ? i : best;
  }, null);
}

function itemsOf(written: string): number[] {
  return Array.from(written, Number);
}

function shareOf(written: string): number {
  return itemsOf(written).reduce((sum, value) => sum + value, 0) / written.length;
}
