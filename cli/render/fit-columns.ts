import { visibleWidth } from '../../plugins/sinks/console/terminal/index.js';

/** What a table needs to know of a column to make room. */
export interface FittedColumn {
  readonly title: string;
  /** What becomes of cells when there is no room; without it they stay whole, as numbers, times and hashes must. */
  readonly fit?: 'clip' | 'clip-middle' | 'wrap';
  /** Left out for want of room, the smallest first; without it, never. */
  readonly worth?: number;
}

/** Indices of the columns to show, and how wide each is. */
export type Layout = readonly { readonly index: number; readonly width: number }[];

const LEAST = { clip: 12, 'clip-middle': 16, wrap: 20 } as const;

/**
 * Make a table fit: columns that may be cut or wrapped get narrower, the widest first; then those of least worth are
 * left out.
 * @returns null where it does not fit even so
 */
export function fitColumns(
  columns: readonly FittedColumn[],
  rows: readonly (readonly string[])[],
  room: { readonly columns: number; readonly gap: number },
): Layout | null {
  const natural = columns.map(({ title }, i) =>
    Math.max(visibleWidth(title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  let shown = columns.map((_, index) => index);
  for (;;) {
    const widths = narrowed(
      shown.map((index) => ({ natural: natural[index]!, least: leastOf(columns[index]!, natural[index]!) })),
      room.columns - room.gap * (shown.length - 1),
    );
    if (widths !== null) return shown.map((index, i) => ({ index, width: widths[i]! }));
    const least = Math.min(...shown.map((index) => columns[index]!.worth ?? Infinity));
    if (least === Infinity) return null;
    shown = shown.filter((index) => columns[index]!.worth !== least);
  }
}

/** Columns of the widest line. */
function widthOf(cell: string): number {
  return Math.max(...cell.split('\n').map(visibleWidth));
}

function leastOf({ title, fit }: FittedColumn, natural: number): number {
  return fit === undefined ? natural : Math.min(natural, Math.max(visibleWidth(title), LEAST[fit]));
}

/** The widest give first, and none gives more than it may; null where that is not enough. */
function narrowed(
  columns: readonly { readonly natural: number; readonly least: number }[],
  room: number,
): readonly number[] | null {
  const widthsUnder = (limit: number): number[] =>
    columns.map(({ natural, least }) => Math.max(least, Math.min(natural, limit)));
  const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0);
  const natural = columns.map((column) => column.natural);
  if (total(natural) <= room) return natural;
  for (let limit = Math.min(room, Math.max(...natural)); limit > 0; limit--) {
    const widths = widthsUnder(limit);
    if (total(widths) <= room) return widths;
  }
  return null;
}
