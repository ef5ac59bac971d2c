import { itemOf, numberOf } from '../shared/questions.js';
import { COLOURS, FIRST_NAMES, JOBS, LAST_NAMES, THINGS, TOWNS } from '../shared/words.js';

export type Row = ReadonlyMap<string, string>;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Tables by name. */
export type Tables = ReadonlyMap<string, Table>;

/** Rows of each generated table, with the ids 1, 2, ... */
export const GENERATED_ROWS = 999;

/** What stands in the columns of the generated tables, by a key of table, column and id. */
const GENERATED: Readonly<Record<string, Readonly<Record<string, (key: string) => string>>>> = {
  people: {
    name: (key) => `${itemOf(FIRST_NAMES, 'first', key)} ${itemOf(LAST_NAMES, 'last', key)}`,
    age: (key) => String(numberOf(18, 90, 'age', key)),
    job: (key) => itemOf(JOBS, 'job', key),
    town: (key) => itemOf(TOWNS, 'town', key),
  },
  stock: {
    thing: (key) => itemOf(THINGS, 'thing', key),
    colour: (key) => itemOf(COLOURS, 'colour', key),
    price: (key) => String(numberOf(2, 99, 'price', key)),
    count: (key) => String(numberOf(2, 99, 'count', key)),
  },
  orders: {
    thing: (key) => itemOf(THINGS, 'thing', key),
    town: (key) => itemOf(TOWNS, 'town', key),
    count: (key) => String(numberOf(2, 99, 'count', key)),
    day: (key) => String(numberOf(1, 28, 'day', key)),
  },
};

/** Three tables of 999 rows and five columns. */
export function generatedTables(): Tables {
  return new Map(
    Object.entries(GENERATED).map(([name, columns]) => [
      name,
      {
        columns: ['id', ...Object.keys(columns)],
        rows: Array.from({ length: GENERATED_ROWS }, (_, i) => generatedRow(name, columns, String(i + 1))),
      },
    ]),
  );
}

/** Tables that somebody brings; their columns are those of any row. */
export function givenTables(
  tables: Readonly<Record<string, readonly Readonly<Record<string, string | number>>[]>>,
): Tables {
  return new Map(
    Object.entries(tables).map(([name, given]) => {
      const rows = given.map(
        (row) => new Map(Object.entries(row).map(([key, value]) => [key, String(value)])),
      );
      return [name, { columns: [...new Set(rows.flatMap((row) => [...row.keys()]))], rows }];
    }),
  );
}

function generatedRow(
  table: string,
  columns: Readonly<Record<string, (key: string) => string>>,
  id: string,
): Row {
  const cells = Object.entries(columns).map(
    ([column, valueOf]) => [column, valueOf(`${table} ${id}`)] as const,
  );
  return new Map([['id', id], ...cells]);
}
