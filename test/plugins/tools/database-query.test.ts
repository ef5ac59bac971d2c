import fc from 'fast-check';
import { stream } from '../../../nn/random/index.js';
import { databaseQuery } from '../../../plugins/tools/index.js';
import { HOST_NAMES, toolOf, type Run } from './support.js';

const TABLES: Readonly<Record<string, Record<string, string | number>[]>> = {
  people: [
    { name: 'Ann', age: 30, town: 'Oslo' },
    { name: "O'Neil", age: 41, town: 'Bern' },
    { name: 'Bo', town: 'Oslo' },
  ],
};

describe('tables of the options', () => {
  let run: Run;
  beforeAll(async () => ({ run } = await toolOf(databaseQuery({ tables: TABLES }))));

  test.each([
    ['SELECT age FROM people WHERE name = Ann', '30'],
    ['select age from people where name=Ann', '30'],
    ['  SELECT  age  FROM  people  WHERE  name  =  Ann  ', '30'],
    ["SELECT age FROM people WHERE name='Ann'", '30'],
    ["SELECT age FROM people WHERE name='O''Neil'", '41'],
    ['SELECT name FROM people WHERE age=41', "O'Neil"],
    ['SELECT name FROM people WHERE town=Oslo', 'Ann, Bo'],
    ['SELECT age FROM people WHERE name=Bo', ''],
    ['SELECT age FROM people WHERE name=ann', '!not-found'],
    ['SELECT age FROM nobody WHERE name=Ann', '!not-found'],
    ['SELECT size FROM people WHERE name=Ann', '!not-found'],
    ['SELECT age FROM people WHERE size=3', '!not-found'],
    ['SELECT Age FROM people WHERE name=Ann', '!not-found'],
    ['', '!syntax'],
    ['SELECT', '!syntax'],
    ['SELECT * FROM people WHERE name=Ann', '!syntax'],
    ['SELECT age, town FROM people WHERE name=Ann', '!syntax'],
    ['SELECT age FROM people', '!syntax'],
    ['SELECT age FROM people WHERE name', '!syntax'],
    ['SELECT age FROM people WHERE name=', '!syntax'],
    ["SELECT age FROM people WHERE name='Ann", '!syntax'],
    ["SELECT age FROM people WHERE name='a'b'", '!syntax'],
    ["SELECT age FROM people WHERE name='' OR ''=''", '!syntax'],
    ['SELECT age FROM people WHERE name=Ann\nx', '!syntax'],
    ['DROP TABLE people', '!forbidden'],
    ['delete from people', '!forbidden'],
    ['INSERT INTO people VALUES (1)', '!forbidden'],
    ['PRAGMA table_info(people)', '!forbidden'],
    ['SELECT age FROM people WHERE name=Ann; DROP TABLE people', '!forbidden'],
    ["SELECT age FROM people WHERE name='x'; DROP TABLE people; --'", '!forbidden'],
    ['SELECT age FROM people WHERE name=Ann -- x', '!forbidden'],
    ['SELECT age FROM people WHERE name=Ann /* x */', '!forbidden'],
  ])('%s: %s', (statement, result) => expect(run(statement)).toBe(result));

  test('rows are steps, results are cut', () => {
    expect(run('SELECT town FROM people WHERE name=Ann', { steps: 3 })).toBe('Oslo');
    expect(run('SELECT town FROM people WHERE name=Ann', { steps: 2 })).toBe('!limit');
    expect(run('SELECT name FROM people WHERE town=Oslo', { characters: 5 })).toBe('Ann, ');
  });

  test.each(HOST_NAMES)('%s is neither table nor column', (name) => {
    expect(run(`SELECT ${name} FROM people WHERE name=Ann`)).toBe('!not-found');
    expect(run(`SELECT age FROM ${name} WHERE name=Ann`)).toBe('!not-found');
    expect(run(`SELECT age FROM people WHERE ${name}=Ann`)).toBe('!not-found');
    expect(run(`SELECT age FROM people WHERE name=${name}`)).toBe('!not-found');
  });

  test('any value is found as it was given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 20 }), async (name) => {
        const { run: own } = await toolOf(databaseQuery({ tables: { t: [{ name, n: 7 }] } }));
        expect(own(`SELECT n FROM t WHERE name='${name.replaceAll("'", "''")}'`)).toBe('7');
      }),
      { numRuns: 50 },
    );
  });
});

describe('questions', () => {
  test('about tables of the options are answered, whatever their values', async () => {
    const rows = ["O'Neil", 'a;b', ' x', 'plain', '--', 'two words'].map((key, n) => ({ key, n }));
    const { tool, run } = await toolOf(databaseQuery({ tables: { t: rows } }));
    for (const side of ['train', 'held-out'] as const)
      for (let i = 0; i < 60; i++) expect(run(tool.ask!(stream(i), 1 + i, side).args)).toMatch(/^\d$/);
  });

  test('are none where there is no second row', async () => {
    const none: Record<string, Record<string, string | number>[]>[] = [{}, { t: [] }];
    none.push({ t: [{ key: 'a', n: 1 }] }, { t: [{ key: 'a' }, { key: 'b' }] });
    for (const tables of none) expect((await toolOf(databaseQuery({ tables }))).tool.ask).toBeUndefined();
  });

  test('about generated tables go from one digit to three', async () => {
    const { tool, run } = await toolOf(databaseQuery());
    const digits = [1, 50, 100].map(
      (difficulty) => /\d+$/.exec(tool.ask!(stream(1), difficulty, 'train').args)![0],
    );
    expect(digits.map(({ length }) => length)).toEqual([1, 2, 3]);
    expect(run('SELECT age FROM people WHERE id=999')).toMatch(/^\d\d$/);
    expect(run('SELECT age FROM people WHERE id=1000')).toBe('!not-found');
  });
});
