import { Type } from '@sinclair/typebox';
import { defineTool, toolNameTag, type Tool } from '../../../core/contracts/tool.js';
import { manualsOf } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import { outcomeOf, Steps, ToolStop } from '../shared/outcome.js';
import { worded } from '../shared/questions.js';
import { drawQuery, placesOf, statementOf, WORDINGS, type Places } from './questions.js';
import { readStatement } from './statement.js';
import { generatedTables, givenTables, type Table, type Tables } from './world.js';

const TAG = toolNameTag('database-query');

const Row = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]));
const Options = Type.Object(
  {
    tables: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.Array(Row), {
        description:
          'Rows by table; the first column of a row is its key. Default: three tables of 999 rows.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Answers one kind of question about tables that are held in memory. */
export const databaseQuery = defineTool({
  name: 'database-query',
  description: 'SELECT column FROM table WHERE key = value, on tables in memory',
  options: Options,
  create: ({ tables: given }) => {
    let made: Tables | null = given === undefined ? null : givenTables(given);
    const tables = (): Tables => (made ??= generatedTables());
    const tool: Tool = {
      manual: {
        wordings: [
          `${TAG} asks a table. Give it a SELECT.`,
          `To look into a table call ${TAG} with a SELECT.`,
          `Tool ${TAG}: give it a SELECT, get the value.`,
          `Ask ${TAG} when a value stands in a table.`,
          `Use ${TAG} for tables: SELECT age FROM people WHERE id=7.`,
          `Tables are for ${TAG}: give it a SELECT.`,
          `${TAG} looks into the table you name.`,
          `A table? Call ${TAG} with a SELECT.`,
          `Let ${TAG} look into tables.`,
          `You have ${TAG}, which knows what tables hold.`,
          ...manualsOf(TAG, ['tables', 'values in tables', 'rows of a table']),
        ],
        heldOut: [
          `Tables are read by ${TAG}; hand over a SELECT.`,
          `${TAG} takes a SELECT and says what it finds.`,
          `You can query tables with ${TAG}.`,
        ],
        short: `${TAG}: tables`,
      },
      run: (args, limits) => outcomeOf(args, limits, () => select(args, tables(), new Steps(limits))),
    };
    let asked: Places | null = given === undefined ? null : placesOf(tables());
    const places = (): Places => (asked ??= placesOf(tables()));
    if (asked?.length === 0) return tool;
    return {
      ...tool,
      ask: (random, difficulty, side) => {
        const draw = new Draw(random);
        const query = drawQuery(draw, places(), difficulty, side);
        return worded(draw, WORDINGS, side, query, statementOf(query));
      },
    };
  },
});

function select(written: string, tables: Tables, steps: Steps): string {
  const { column, table: name, key, value } = readStatement(written);
  const table = tables.get(name);
  if (table === undefined) throw new ToolStop('not-found', 'no such table');
  for (const wanted of [column, key]) requireColumn(table, wanted);
  const found: string[] = [];
  for (const row of table.rows) {
    steps.take();
    if (row.get(key) === value) found.push(row.get(column) ?? '');
  }
  if (found.length === 0) throw new ToolStop('not-found', 'no such row');
  return found.join(', ');
}

function requireColumn({ columns }: Table, column: string): void {
  if (!columns.includes(column)) throw new ToolStop('not-found', 'no such column');
}
