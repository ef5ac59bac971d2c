import { createRequire } from 'node:module';
import {
  clip,
  clipMiddle,
  printable,
  visibleWidth,
  wrap,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { fitColumns, type FittedColumn } from './fit-columns.js';

export interface Column extends FittedColumn {
  readonly align?: 'left' | 'right';
  /** Colour of its cells, put on when they have been made to fit. */
  readonly paint?: (text: string) => string;
}

/** Loads cli-table3 when there is a table to draw. */
const load = createRequire(import.meta.url);

const GAP = '  ';
/** Values beside names get at least so many columns, or stand below them. */
const LEAST_VALUE = 12;

/**
 * Rows under bold titles, columns as wide as their widest cell, no borders; never wider than the terminal. Where there
 * is no room, see {@link FittedColumn}; where even that does not help, every row becomes a list of its cells. Only
 * cells of columns that stay whole may be coloured.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const layout = fitColumns(columns, rows, { columns: style.columns, gap: GAP.length });
  if (layout === null) return renderLists(columns, rows, style);
  const shown = layout.map(({ index, width }) => ({ ...columns[index]!, index, width }));
  const Table = load('cli-table3') as typeof import('cli-table3');
  const table = new Table({
    head: shown.map(({ title }) => (title === '' ? '' : style.bold(title))),
    colAligns: shown.map((column) => column.align ?? 'left'),
    chars: BARE,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => shown.map((column) => fitted(row[column.index] ?? '', column))));
  const lines = table.toString().split('\n');
  const missing = columns.filter((column) => !shown.some(({ title }) => title === column.title));
  return [...lines.map((line) => line.trimEnd()), ...leftOut(missing, style)].join('\n');
}

function fitted(cell: string, { width, fit, paint = asItIs }: Column & { readonly width: number }): string {
  const lines = cell
    .replaceAll('\t', ' ')
    .split('\n')
    .flatMap((line) => {
      if (fit === 'wrap') return wrap(line, width);
      return [fit === 'clip' ? clip(line, width) : fit === 'clip-middle' ? clipMiddle(line, width) : line];
    });
  return lines.map((line) => (line === '' ? line : paint(line))).join('\n');
}

function leftOut(columns: readonly Column[], style: Style): readonly string[] {
  const names = columns.map(({ title }) => title).filter((title) => title !== '');
  if (names.length === 0) return [];
  const said = `No room for: ${names.join(', ')}. A wider terminal or --json shows all.`;
  return wrap(said, style.columns).map(style.dim);
}

/** Rows as lists, one below the other, for a terminal too narrow for the table. */
function renderLists(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const lists = rows.map((row) => {
    const cells = columns.map(({ title, paint }, i) => [title.trim(), row[i] ?? '', paint] as const);
    return listed(
      cells.filter(([, cell]) => cell !== ''),
      style,
    );
  });
  return lists.join('\n\n');
}

/** A name, its value, and the colour of the value. */
type Pair = readonly [name: string, value: string, paint?: (text: string) => string];

/** `name  value` lines, values in one column and wrapped in it; they come from outside and are made safe to print. */
export function renderPairs(
  pairs: readonly (readonly [name: string, value: string])[],
  style: Style,
): string {
  return listed(
    pairs.map(([name, value]) => [name, printable(value)]),
    style,
  );
}

function listed(pairs: readonly Pair[], style: Style): string {
  const width = Math.max(0, ...pairs.map(([name]) => visibleWidth(name)));
  const room = style.columns - width - GAP.length;
  const below = room < LEAST_VALUE;
  return pairs
    .map(([name, value, paint = asItIs]) => {
      const lines = wrap(value, below ? style.columns - GAP.length : room).map(paint);
      const title = style.dim(name) + ' '.repeat(below ? 0 : width - visibleWidth(name));
      if (below) return [...wrap(name, style.columns).map(style.dim), ...lines.map((line) => GAP + line)];
      return lines.map((line, i) => (i === 0 ? title : ' '.repeat(width)) + GAP + line);
    })
    .flat()
    .map((line) => line.trimEnd())
    .join('\n');
}

function asItIs(text: string): string {
  return text;
}

const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};
