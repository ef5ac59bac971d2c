import type { ThoughtShape } from './layout.js';
import { thinkablePlaces, type TextRows } from './positions.js';

/** A place of held-out text. */
export interface HeldOutPlace {
  /** Index of its batch. */
  readonly batch: number;
  readonly row: number;
  /** j: index in the row of the token after which the model thinks. */
  readonly place: number;
}

/** One batch of places, P in each of B rows, which may come from different batches of text. */
export interface PlaceRows {
  readonly text: TextRows;
  /** [B P] */
  readonly places: Int32Array;
  /** [B P]: which place that is; null where there is none. */
  readonly at: readonly (HeldOutPlace | null)[];
}

interface PlaceOptions {
  readonly shape: Omit<ThoughtShape, 'thoughts'>;
  readonly rows: number;
  readonly hardest?: number;
  readonly limit?: number;
}

/** A fifth. */
const HARDEST = 0.2;

/**
 * The share of all places at which the model is most unsure.
 *
 * @param entropies [B L] of each batch
 * @returns the places in the order of the text, and of how many they are the hardest
 */
export function hardestPlaces(
  batches: readonly TextRows[],
  entropies: readonly Float32Array[],
  { shape, rows, hardest = HARDEST, limit = Infinity }: PlaceOptions,
): { readonly chosen: readonly HeldOutPlace[]; readonly places: number } {
  const all = batches.flatMap((text, batch) =>
    Array.from({ length: rows }, (_, row) =>
      thinkablePlaces(shape, text, row).map((place) => ({
        ...{ batch, row, place },
        entropy: entropies[batch]![row * shape.base + place]!,
      })),
    ).flat(),
  );
  const hard = [...all].sort((a, b) => b.entropy - a.entropy).slice(0, Math.ceil(hardest * all.length));
  hard.sort((a, b) => a.batch - b.batch || a.row - b.row || a.place - b.place);
  const count = Math.min(limit, hard.length);
  const chosen = Array.from({ length: count }, (_, i) => hard[Math.floor((i * hard.length) / count)]!);
  return { chosen: chosen.map(({ batch, row, place }) => ({ batch, row, place })), places: all.length };
}

/** Lay places out for passes of B rows with P places each; a row of text stands in as many rows as its places need. */
export function placeRows(
  batches: readonly TextRows[],
  chosen: readonly HeldOutPlace[],
  { shape, rows }: PlaceOptions,
): PlaceRows[] {
  const byRow = new Map<string, HeldOutPlace[]>();
  for (const place of chosen) {
    const key = `${place.batch} ${place.row}`;
    byRow.set(key, [...(byRow.get(key) ?? []), place]);
  }
  const lines = [...byRow.values()].flatMap((places) => cut(places, shape.positions));
  return cut(lines, rows).map((part) => layRows(batches, part, shape, rows));
}

function layRows(
  batches: readonly TextRows[],
  lines: readonly (readonly HeldOutPlace[])[],
  { base, positions }: PlaceOptions['shape'],
  rows: number,
): PlaceRows {
  const text = {
    ids: new Int32Array(rows * base),
    targets: new Int32Array(rows * base).fill(-100),
    segments: new Int32Array(rows * base),
  };
  const places = new Int32Array(rows * positions);
  const at = new Array<HeldOutPlace | null>(rows * positions).fill(null);
  lines.forEach((line, row) => {
    const { batch, row: source } = line[0]!;
    for (const name of ['ids', 'targets', 'segments'] as const)
      text[name].set(batches[batch]![name].subarray(source * base, (source + 1) * base), row * base);
    line.forEach((place, p) => {
      places[row * positions + p] = place.place;
      at[row * positions + p] = place;
    });
  });
  return { text, places, at };
}

function cut<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
}
