/** Accuracies of lists of questions at moments of a training, both in their order. JSON. */
export interface RetentionMatrix {
  /** Names of the lists, the earliest level first. */
  readonly lists: readonly string[];
  /** Names of the moments, such as the end of each level. */
  readonly moments: readonly string[];
  /** `accuracy[list][moment]`, 0 to 1; null: not measured. */
  readonly accuracy: readonly (readonly (number | null)[])[];
}

export interface Retention {
  readonly list: string;
  /** Best accuracy before the moment. */
  readonly best: number;
  /** Accuracy at the moment. */
  readonly current: number;
}

/** A matrix with one more measurement; a list or moment that is new is put at the end. */
export function withMeasurement(
  matrix: RetentionMatrix,
  list: string,
  moment: string,
  accuracy: number,
): RetentionMatrix {
  if (!(accuracy >= 0 && accuracy <= 1)) throw new RangeError(`accuracy is ${accuracy}, expected 0 to 1`);
  const lists = withName(matrix.lists, list);
  const moments = withName(matrix.moments, moment);
  const known = (row: number, column: number): number | null => matrix.accuracy[row]?.[column] ?? null;
  return {
    lists,
    moments,
    accuracy: lists.map((name, row) =>
      moments.map((at, column) => (name === list && at === moment ? accuracy : known(row, column))),
    ),
  };
}

export const EMPTY_RETENTION: RetentionMatrix = { lists: [], moments: [], accuracy: [] };

/** The old lists at a moment: those measured then and before. @throws RangeError for a moment that there is not */
export function retentionAt(matrix: RetentionMatrix, moment: string): readonly Retention[] {
  const column = placeOf(matrix.moments, moment);
  return matrix.lists.flatMap((list, row) => {
    const past = matrix.accuracy[row]!.slice(0, column).filter((value) => value !== null);
    const current = matrix.accuracy[row]![column] ?? null;
    return past.length === 0 || current === null ? [] : [{ list, best: Math.max(...past), current }];
  });
}

/**
 * Forgetting: the mean over old lists of the best accuracy before the moment less that at the moment (Chaudhry et al. 2018,
 * Riemannian walk, equation 3). Below 0 where old lists became better; null where no old list was measured.
 */
export function forgetting(matrix: RetentionMatrix, moment: string): number | null {
  return meanOf(retentionAt(matrix, moment).map(({ best, current }) => best - current));
}

/** Share of its best accuracy that a list has at a moment; null where that is not known, or the best was 0. */
export function retentionOf(matrix: RetentionMatrix, list: string, moment: string): number | null {
  placeOf(matrix.lists, list);
  const found = retentionAt(matrix, moment).find((one) => one.list === list);
  return found === undefined || found.best === 0 ? null : found.current / found.best;
}

/** Mean of {@link retentionOf} over the old lists; null where none is known. */
export function retentionOfAll(matrix: RetentionMatrix, moment: string): number | null {
  const shares = matrix.lists.map((list) => retentionOf(matrix, list, moment));
  return meanOf(shares.filter((share) => share !== null));
}

function withName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names : [...names, name];
}

function placeOf(names: readonly string[], name: string): number {
  const place = names.indexOf(name);
  if (place < 0) throw new RangeError(`"${name}" is none of ${names.join(', ')}`);
  return place;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
