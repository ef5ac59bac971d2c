import type { Difficulty, TaskSide } from '../../../core/contracts/tool.js';
import type { Draw } from '../../../nn/random/index.js';
import { kindAt, partBySides, type Sides, type Wordings } from '../shared/questions.js';
import type { Tables } from './world.js';

/** What is asked of one row. */
export interface Query {
  readonly column: string;
  readonly table: string;
  /** Column by which the row is found: the first one. */
  readonly key: string;
  readonly value: string;
}

export const WORDINGS: Wordings<Query> = {
  train: [
    ({ column, table, key, value }) => `What is the ${column} in ${table} with ${key}=${value}?`,
    ({ column, table, key, value }) => `Give me ${column} from ${table} where ${key}=${value}.`,
    ({ column, table, key, value }) => `Query ${column} of ${table} for ${key}=${value}.`,
    ({ column, table, key, value }) => `Which ${column} has ${table} at ${key}=${value}?`,
    ({ column, table, key, value }) => `Find ${column} in ${table} by ${key}=${value}.`,
    ({ column, table, key, value }) => `Look up the ${column} of ${table} for ${key}=${value}.`,
    ({ column, table, key, value }) => `In ${table}, what ${column} has ${key}=${value}?`,
    ({ column, table, key, value }) => `I want the ${column} in ${table} where ${key}=${value}.`,
    ({ column, table, key, value }) => `Please get ${column} of ${table} with ${key}=${value}.`,
    ({ column, table, key, value }) => `From ${table} read ${column} at ${key}=${value}.`,
    ({ column, table, key, value }) => `With ${key}=${value}, which ${column} is in ${table}?`,
    ({ column, table, key, value }) => `Say the ${column} of ${table}, ${key}=${value}.`,
  ],
  things: [
    ({ column, table, key, value }) => `the ${column} in ${table} with ${key}=${value}`,
    ({ column, table, key, value }) => `${column} of ${table} where ${key}=${value}`,
    ({ column, table, key, value }) => `the ${column} of ${table} for ${key}=${value}`,
    ({ column, table, key, value }) => `${column} in ${table} at ${key}=${value}`,
    ({ column, table, key, value }) => `the ${column} that ${table} has for ${key}=${value}`,
  ],
  'held-out': [
    ({ column, table, key, value }) => `Tell me the ${column} that ${table} lists under ${key}=${value}.`,
    ({ column, table, key, value }) => `I need ${column} out of ${table}, ${key}=${value}.`,
    ({ column, table, key, value }) => `Check ${column} in the table ${table} by ${key}=${value}.`,
  ],
};

/** A row that can be asked for. */
export interface Place extends Omit<Query, 'column'> {
  /** What else is known of it. */
  readonly columns: readonly string[];
}

/** Rows to ask for, with the shortest key values first; the difficulty says which kind. */
export type Places = readonly Sides<Place>[];

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Rows by the length of their key values, each length on two sides of its own; lengths with one row are left out. */
export function placesOf(tables: Tables): Places {
  const byLength = new Map<number, Map<string, Place>>();
  for (const [table, { columns, rows }] of tables) {
    const [key = '', ...others] = columns.filter((column) => NAME.test(column));
    for (const row of rows) {
      const value = row.get(key) ?? '';
      const known = others.filter((column) => row.has(column));
      if (value === '' || known.length === 0) continue;
      const places = byLength.get(value.length) ?? new Map<string, Place>();
      byLength.set(value.length, places.set(`${table} ${value}`, { table, key, value, columns: known }));
    }
  }
  return [...byLength.keys()]
    .sort((a, b) => a - b)
    .flatMap((length) => {
      const places = [...byLength.get(length)!];
      const { train, 'held-out': heldOut } = partBySides(places, ([name]) => name);
      return heldOut.length === 0
        ? []
        : [{ train: train.map(([, place]) => place), 'held-out': heldOut.map(([, place]) => place) }];
    });
}

/** A query about a row of the side; the harder, the longer its key value. */
export function drawQuery(draw: Draw, places: Places, difficulty: Difficulty, side: TaskSide): Query {
  const { columns, ...place } = draw.pick(kindAt(places, difficulty)[side]);
  return { ...place, column: draw.pick(columns) };
}

export function statementOf({ column, table, key, value }: Query): string {
  const written =
    /^[\p{L}\p{N} _]+$/u.test(value) && value.trim() === value ? value : `'${value.replaceAll("'", "''")}'`;
  return `SELECT ${column} FROM ${table} WHERE ${key}=${written}`;
}
