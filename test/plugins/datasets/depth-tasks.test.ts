import fc from 'fast-check';
import type { DataRecord } from '../../../core/contracts/dataset.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { splitDatasets } from '../../../nn/data/split.js';
import { brackets, chains, recall, sorting } from '../../../plugins/datasets/index.js';
import { closing, heights } from '../../../plugins/datasets/procedural/brackets.js';
import { resultOf } from '../../../plugins/datasets/procedural/chains.js';
import { ordinal, sorted } from '../../../plugins/datasets/procedural/sorting.js';
import * as plugins from '../../../plugins/index.js';
import { implementationOf, silentLogger } from '../../../testing/index.js';
import { solveBrackets, solveChain, solveRecall, solveSorting } from './depth-solvers.js';
import { answerText, asked } from './solvers.js';
import { dataset, load } from './support.js';

jest.setTimeout(60_000);

const context = (seed = 42) => ({ root: null, cache: '', seed, log: silentLogger });
const of = (record: DataRecord, key: string): string => String(record.metadata![key]);

describe('worked out by hand', () => {
  it.each([
    // 7 + 5 = 12 -> 2, doubled 4, 4 - 3 = 1
    ['Start with 7. Add 5. Double it. Take away 3. Keep the last digit.', 3, '1'],
    // not 7 + 10 - 3 = 14: (7 + 5) * 2 - 3 = 21
    ['7 + 5 * 2 - 3 mod 10 from left to right', 3, '1'],
    // 2 - 3 = -1 -> 9, 9 * 7 = 63 -> 3
    ['From left to right, what is 2 - 3 * 7 mod 10?', 2, '3'],
    // 6 * 5 = 30 -> 2 (mod 7), 2 + 6 = 8 -> 1
    ['Count modulo 7. Start with 6. Multiply it by 5. Add 6. What is the result?', 2, '1'],
    ['Modulo 5, start with 4, then double it.', 1, '3'],
  ])('%s', (question, operations, answer) => {
    expect(solveChain(question)).toMatchObject({ operations, answer });
  });

  it('chains of operations', () => {
    const operations = [
      { sign: '+', by: 5 },
      { sign: '*', by: 2 },
      { sign: '-', by: 3 },
    ] as const;
    expect(resultOf(7, operations, 10)).toBe(1);
    expect(resultOf(2, operations, 10)).toBe(1); // 7, 14 -> 4, 1
    expect(resultOf(1, operations, 6)).toBe(3); // 6 -> 0, 0, -3 -> 3
  });

  it.each([
    ['Sort 9 2 51 from large to small.', '51 9 2'],
    ['sort(q b z a)', 'a b q z'],
    ['sort_down(3 0 2 5)[2]', '3'],
    ['What is the 2nd smallest of 38 1 9 19?', '9'],
    ['What is the largest of 25 12 53 8?', '53'],
    ['Which of d a z comes 3rd from a to z?', 'z'],
    ['Of n u w, which is the 1st in descending order?', 'w'],
  ])('%s', (question, answer) => {
    expect(solveSorting(question).answer).toBe(answer);
  });

  it('orders and places', () => {
    const pool = ['0', '3', '5', '10', '99'];
    expect(sorted(['10', '3', '99'], pool, false)).toEqual(['3', '10', '99']);
    expect(sorted(['10', '3', '99'], pool, true)).toEqual(['99', '10', '3']);
    expect([1, 2, 3, 4, 11, 12, 13, 20].map(ordinal).join(' ')).toBe('1st 2nd 3rd 4th 11th 12th 13th 20th');
  });

  it.each([
    ['balanced("([]{})")', 'yes'],
    ['balanced("([)]")', 'no'],
    ['Is ")(" balanced? Say yes or no.', 'no'],
    ['What is the greatest depth of "()(([]){})"?', '3'],
    ['What closes "{[]("?', ')}'],
  ])('%s', (question, answer) => {
    expect(solveBrackets(question).answer).toBe(answer);
  });

  it('brackets', () => {
    expect(heights('([])[]')).toEqual([0, 1, 2, 1, 0, 1, 0]);
    expect(['', '{[]}', '{[](', '([)]', '())'].map(closing)).toEqual(['', '', ')}', null, null]);
  });

  it('a value told twice', () => {
    const story =
      'The code of the red box is 47. The code of the red jar is 12. The code of the red box is now 5. It rained.';
    const what = (key: string) => solveRecall(`${story} What is the code of the ${key}?`);
    expect(what('red box')).toMatchObject({ answer: '5', distance: 2, values: 2 });
    expect(what('red jar')).toMatchObject({ answer: '12', distance: 11, values: 1 });
  });
});

/** Check every record of many option sets and seeds. */
async function always<T extends object>(
  options: fc.Arbitrary<T>,
  plugin: (options: T & { count: number }) => Plugin,
  check: (record: DataRecord, options: T) => void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(options, fc.nat(), async (given, seed) => {
      for (const record of await load(plugin({ ...given, count: 25 }), context(seed))) check(record, given);
    }),
    { numRuns: 60 },
  );
}

describe('answers, worked out again by other means', () => {
  it('chains', () =>
    always(
      fc.record({ steps: fc.integer({ min: 1, max: 24 }), modulus: fc.integer({ min: 2, max: 10 }) }),
      chains,
      (record, { steps, modulus }) => {
        const { answer, operations, expression } = solveChain(asked(record));
        expect([asked(record), answerText(record)]).toEqual([asked(record), answer]);
        expect(of(record, 'depth')).toBe(String(operations));
        expect(of(record, 'group')).toBe(`chains ${expression}`);
        expect(operations).toBeLessThanOrEqual(steps);
        expect(expression).toContain(`mod ${modulus}`);
        expect(of(record, 'kind')).toBe(/start with/i.test(asked(record)) ? 'words' : 'expression');
      },
    ));

  it('sorting', () =>
    always(
      fc.record({
        items: fc.integer({ min: 2, max: 20 }),
        values: fc.subarray(['letters', 'digits', 'numbers'] as const, { minLength: 1 }),
      }),
      ({ values, ...rest }) => sorting({ ...rest, values: [...values] }),
      (record, options) => {
        const { items, answer } = solveSorting(asked(record));
        expect([asked(record), answerText(record)]).toEqual([asked(record), answer]);
        expect(of(record, 'depth')).toBe(String(items.length));
        expect(items.length).toBeLessThanOrEqual(options.items);
        expect(new Set(items).size).toBe(items.length);
        expect(options.values).toContain(of(record, 'values'));
      },
    ));

  it('brackets', () =>
    always(
      fc.record({
        depth: fc.integer({ min: 1, max: 16 }),
        shapes: fc.integer({ min: 1, max: 3 }),
        beside: fc.integer({ min: 0, max: 12 }),
      }),
      brackets,
      (record, options) => {
        const { text, answer, rest, rounds } = solveBrackets(asked(record));
        expect([asked(record), answerText(record)]).toEqual([asked(record), answer]);
        expect(Number(of(record, 'depth'))).toBeLessThanOrEqual(options.depth);
        expect(text.length).toBeLessThanOrEqual(2 * (options.depth + options.beside));
        expect(new Set(text.replace(/[)\]}]/g, '')).size).toBeLessThanOrEqual(options.shapes);
        if (rest === '') expect(of(record, 'depth')).toBe(String(rounds));
        if (of(record, 'kind') === 'close') {
          const whole = solveBrackets(`depth "${text}${answerText(record)}"`);
          expect(whole).toMatchObject({ rest: '', answer: of(record, 'depth') });
        }
      },
    ));

  it('recall', () =>
    always(
      fc.record({
        distance: fc.integer({ min: 18, max: 400 }),
        facts: fc.integer({ min: 1, max: 10 }),
        digits: fc.integer({ min: 1, max: 6 }),
        overwritten: fc.constantFrom(0, 0.5, 1),
      }),
      recall,
      (record, options) => {
        const { answer, distance, values, facts } = solveRecall(asked(record));
        expect([asked(record), answerText(record)]).toEqual([asked(record), answer]);
        expect(of(record, 'distance')).toBe(String(distance));
        expect(distance).toBeLessThanOrEqual(options.distance);
        expect(of(record, 'kind')).toBe(values > 1 ? 'overwritten' : 'once');
        expect(answer).toHaveLength(options.digits);
        expect(facts.length).toBeLessThanOrEqual(options.facts);
        expect(new Set(facts.map((fact) => /\d+/.exec(fact)![0])).size).toBe(facts.length);
        if (options.overwritten === 0) expect(record.input).not.toContain('now');
        if (options.overwritten === 1) expect(/ now /.test(record.input!)).toBe(facts.length > 1);
      },
    ));
});

const ALL: readonly Plugin[] = [chains(), sorting(), brackets(), recall()];

describe.each(ALL.map((plugin) => [plugin.name, plugin] as const))('%s', (name, plugin) => {
  it('has 20,000 different questions', async () => {
    const records = await load(plugin.withOptions({ count: 20_000 }), context());
    expect(new Set(records.map((record) => record.input)).size).toBe(20_000);
  });

  it('says the depth or the distance and the kind as strings, spread over all values', async () => {
    const records = await load(plugin, context());
    const counts = countBy(records, (record) => record.metadata![name === 'recall' ? 'distance' : 'depth']);
    expect([...counts.keys()].sort((a, b) => Number(a) - Number(b))).toEqual(CURVES[name]);
    const even = records.length / counts.size;
    for (const count of counts.values()) expect(Math.abs(count - even) / even).toBeLessThan(0.35);
    expect([...countBy(records, (record) => record.metadata!['kind']).keys()].sort()).toEqual(KINDS[name]);
  });

  it('refuses another answer than its own', async () => {
    const { grade, load: records } = await dataset(plugin.withOptions({ count: 300 }));
    for (const record of await records(context())) {
      expect(grade!(record, record.output!)).toBe(true);
      expect(grade!(record, record.output!.replace('#### ', '#### 1'))).toBe(false);
    }
  });

  it('has no question on both sides of the split, however it is worded', async () => {
    const records = await load(plugin, context());
    const [split] = splitDatasets([{ name, records }]);
    const train = new Set(split!.train.map((record) => PROBLEM[name]!(asked(record))));
    expect(split!.heldout.length).toBeGreaterThan(100);
    for (const record of split!.heldout) expect(train).not.toContain(PROBLEM[name]!(asked(record)));
  });
});

const CURVES: Readonly<Record<string, readonly string[]>> = {
  chains: ['1', '2', '3', '4', '5', '6'],
  sorting: ['2', '3', '4', '5', '6', '7', '8'],
  brackets: ['1', '2', '3', '4', '5', '6'],
  recall: ['8', '16', '24', '32', '40', '48'],
};

const KINDS: Readonly<Record<string, readonly string[]>> = {
  chains: ['expression', 'words'],
  sorting: ['kth', 'sort'],
  brackets: ['balanced', 'close', 'depth'],
  recall: ['once', 'overwritten'],
};

/** What is asked, whatever the words. */
const PROBLEM: Readonly<Record<string, (question: string) => string>> = {
  chains: (question) => solveChain(question).expression,
  sorting: (question) => [...solveSorting(question).items].sort().join(' '),
  brackets: (question) =>
    `${/yes or no|balanced/.test(question)} ${/deep|depth/.test(question)} ${solveBrackets(question).text}`,
  recall: (question) => `${solveRecall(question).facts.join(' ')} ${/\w+ \w+[?.]$/.exec(question)![0]}`,
};

function countBy<T>(records: readonly DataRecord[], key: (record: DataRecord) => T): Map<T, number> {
  const counts = new Map<T, number>();
  for (const record of records) counts.set(key(record), (counts.get(key(record)) ?? 0) + 1);
  return counts;
}

describe('what a guess is worth', () => {
  it('a chain of any depth has every answer, none more often than one in five', async () => {
    const records = await load(chains({ count: 8000 }), context());
    for (const depth of CURVES['chains']!) {
      const own = records.filter((record) => of(record, 'depth') === depth);
      const counts = countBy(own, answerText);
      expect(counts.size).toBe(10);
      expect(Math.max(...counts.values()) / own.length).toBeLessThan(0.2);
    }
  });

  it('brackets that do not balance are as many as they should be, and half of the texts', async () => {
    const records = await load(brackets({ kinds: ['balanced'] }), context());
    const faulty = records.filter((record) => answerText(record) === 'no');
    expect(faulty.length / records.length).toBeGreaterThan(0.4);
    expect(faulty.length / records.length).toBeLessThan(0.6);
    for (const record of faulty) {
      const { text } = solveBrackets(asked(record));
      const count = (bracket: string): number => text.split(bracket).length - 1;
      expect([count('('), count('['), count('{')]).toEqual([count(')'), count(']'), count('}')]);
    }
  });

  it('neither the last value nor the one after "now" is always the answer', async () => {
    const records = await load(recall(), context());
    const several = records.filter((record) => solveRecall(asked(record)).facts.length === 3);
    const share = (right: (record: DataRecord) => boolean, among: readonly DataRecord[]): number =>
      among.filter(right).length / among.length;
    const last = (record: DataRecord): boolean =>
      / (\d+)\./.exec(solveRecall(asked(record)).facts.at(-1)!)![1] === answerText(record);
    const now = (record: DataRecord): boolean => / now (\d+)/.exec(asked(record))?.[1] === answerText(record);
    const first = (record: DataRecord): boolean => /\d+/.exec(asked(record))![0] === answerText(record);
    expect(share(last, several)).toBeLessThan(0.6);
    expect(share(first, several)).toBeLessThan(0.6);
    expect(
      share(
        now,
        several.filter((record) => asked(record).includes(' now ')),
      ),
    ).toBeLessThan(0.6);
  });
});

test('records are short: a row of 128 tokens holds one, end included', async () => {
  const kind = await implementationOf(TOKENIZER, plugins.byteBpe());
  const { stories, arithmetic, wordProblems, logic, sequences, stringTasks, toolCalls } = plugins;
  const sample = [
    stories({ count: 300 }),
    arithmetic({ count: 300 }),
    wordProblems({ count: 300 }),
    logic({ count: 300 }),
    sequences({ count: 300 }),
    stringTasks({ count: 300 }),
    toolCalls({ count: 300 }),
  ];
  const texts = async (plugin: Plugin) => (await load(plugin, context())).map(({ text }) => text);
  const own = await Promise.all(ALL.map(texts));
  const corpus = [
    ...(await Promise.all(sample.map(texts))).flat(),
    ...own.flatMap((each) => each.slice(0, 300)),
  ];
  const tokenizer = await kind.train(corpus, { vocabularySize: 1024 });
  const longest = own.map((each) => Math.max(...each.map((text) => tokenizer.encode(text).length)));
  expect(longest.map((tokens, index) => tokens < [90, 90, 90, 120][index]!)).toEqual([
    true,
    true,
    true,
    true,
  ]);
});
