import type { DataRecord } from '../../../core/contracts/dataset.js';
import { THOUGHT_TAGS } from '../../../core/contracts/thoughts.js';
import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { contentHash } from '../../../nn/data/content-hash.js';
import { reasoning } from '../../../plugins/datasets/index.js';
import * as plugins from '../../../plugins/index.js';
import { implementationOf, silentLogger } from '../../../testing/index.js';
import { answerText, asked } from './solvers.js';
import { dataset, load } from './support.js';

jest.setTimeout(120_000);

const context = (seed = 42) => ({ root: null, cache: '', seed, log: silentLogger });
const of = (record: DataRecord, key: string): string => String(record.metadata![key]);
const shareOf = (records: readonly DataRecord[], key: string, value: string): number =>
  records.filter((record) => of(record, key) === value).length / records.length;

function countBy(records: readonly DataRecord[], key: (record: DataRecord) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(key(record), (counts.get(key(record)) ?? 0) + 1);
  return counts;
}

const largestIn = (text: string): number => Math.max(0, ...(text.match(/\d+/g) ?? []).map(Number));

test('the tags are the eight, in the order of their ids', () => {
  expect(THOUGHT_TAGS.join(' ')).toBe('<think> </think> <step> <reason> <mece> <falsify> <expert> <doubt>');
});

describe('the default set', () => {
  let records: readonly DataRecord[];
  const part = (name: string) => records.filter((record) => of(record, 'part') === name);
  beforeAll(async () => {
    records = await load(reasoning(), context());
  });

  it('has more than 20,000 different known questions', () => {
    expect(records).toHaveLength(24_000);
    expect(new Set(part('known').map(({ input }) => contentHash(input!))).size).toBeGreaterThanOrEqual(
      20_000,
    );
    expect(new Set(part('known').map((record) => of(record, 'group'))).size).toBeGreaterThan(15_000);
  });

  it('has the shares that are asked for', () => {
    expect(shareOf(records, 'part', 'known')).toBeCloseTo(0.9, 1);
    expect(shareOf(records, 'part', 'new-range')).toBeCloseTo(0.05, 1);
    expect(shareOf(records, 'part', 'new-family')).toBeCloseTo(0.05, 1);
    const strategies = countBy(part('known'), (record) => of(record, 'strategy'));
    const others = [...strategies].filter(([strategy]) => strategy !== 'chain-of-thought');
    expect(others).toHaveLength(6);
    for (const [, count] of others) expect(count / part('known').length).toBeGreaterThan(0.09);
  });

  it('has records in the form of all question sets, the thought apart', () => {
    const tagged = /^<think><(step|reason|mece|falsify|expert|doubt)>.+<\/think>$/;
    const odd = records.filter(
      (record) =>
        record.text !== record.input! + record.output! ||
        record.output !== ` #### ${of(record, 'answer')}` ||
        !tagged.test(of(record, 'trace')) ||
        record.text.includes('<think>'),
    );
    expect(odd).toEqual([]);
  });

  it('keeps what is new apart from what is known, question by question and problem by problem', () => {
    const inputs = new Set(part('known').map(({ input }) => contentHash(input!)));
    const groups = new Set(part('known').map((record) => of(record, 'group')));
    const fresh = [...part('new-range'), ...part('new-family')];
    expect(fresh.length).toBeGreaterThan(2000);
    expect(fresh.filter((record) => inputs.has(contentHash(record.input!)))).toEqual([]);
    expect(fresh.filter((record) => groups.has(of(record, 'group')))).toEqual([]);
  });

  it('has the new family nowhere else, at the known sizes', () => {
    const misplaced = records.filter(
      (one) => (of(one, 'family') === 'code') !== (of(one, 'part') === 'new-family'),
    );
    expect(misplaced).toEqual([]);
    const sets = part('new-family').map((record) => asked(record).split('; ').slice(0, 2).join(' '));
    expect(Math.max(...sets.map(largestIn))).toBe(9);
  });

  it('has more steps or larger numbers in the new range than are ever known', () => {
    const numbers = (record: DataRecord): number => largestIn(asked(record).replace(/mod 10/i, ''));
    const beyond = part('new-range');
    expect([...countBy(beyond, (record) => of(record, 'range')).keys()].sort()).toEqual(['numbers', 'steps']);
    for (const kind of countBy(part('known'), (record) => of(record, 'kind')).keys()) {
      const depths = (records: readonly DataRecord[]): readonly number[] =>
        records.filter((record) => of(record, 'kind') === kind).map((record) => Number(of(record, 'depth')));
      const longer = beyond.filter((record) => of(record, 'range') === 'steps');
      expect(Math.min(...depths(longer))).toBeGreaterThan(Math.max(...depths(part('known'))));
    }
    const larger = beyond.filter((record) => of(record, 'range') === 'numbers');
    expect(Math.min(...larger.map(numbers))).toBeGreaterThan(9);
    const plain = part('known').filter((one) => /arithmetic|word|lookup/.test(of(one, 'family')));
    expect(Math.max(...plain.map(numbers))).toBe(9);
  });

  it('is not to be guessed: no answer of a family, or of a kind, is the right one in a third of the records', () => {
    for (const key of ['family', 'kind']) {
      for (const [name, count] of countBy(records, (record) => of(record, key))) {
        const own = records.filter((record) => of(record, key) === name);
        expect([name, Math.max(...countBy(own, answerText).values()) / count < 0.3]).toEqual([name, true]);
      }
    }
  });

  it('has thoughts of less than 40 tokens, and questions with thought and answer of less than 120', async () => {
    const tokenizers = await implementationOf(TOKENIZER, plugins.byteBpe({ extraTokens: [...THOUGHT_TAGS] }));
    const sets = [
      'stories',
      'arithmetic',
      'wordProblems',
      'logic',
      'sequences',
      'stringTasks',
      'toolCalls',
    ] as const;
    const corpus = await Promise.all(sets.map((name) => load(plugins[name]({ count: 400 }), context())));
    const tokenizer = await tokenizers.train(
      corpus.flat().map(({ text }) => text),
      { vocabularySize: 1024 },
    );
    const known = part('known').slice(0, 3000);
    const length = (text: string): number => tokenizer.encode(text).length;
    const thoughts = known.map((record) => length(of(record, 'trace')));
    expect(thoughts.filter((tokens) => tokens < 40).length / known.length).toBeGreaterThan(0.95);
    const whole = known.map((record) => length(record.input! + of(record, 'trace') + record.output!));
    expect(Math.max(...whole)).toBeLessThan(120);
  });
});

it('takes the right answer and no other', async () => {
  const set = await dataset(reasoning({ count: 600, newFamilies: [] }));
  const records = await set.load(context());
  records.forEach((record, index) => {
    expect(set.grade!(record, record.output!)).toBe(true);
    expect(set.grade!(record, ` ${of(record, 'answer')}`)).toBe(true);
    expect(set.grade!(record, `${record.output} or more`)).toBe(false);
    const other = records[(index + 1) % records.length]!;
    expect(set.grade!(record, other.output!)).toBe(of(other, 'answer') === of(record, 'answer'));
  });
});

describe('options', () => {
  it('choose families, strategies and parts', async () => {
    const options = {
      families: ['lookup', 'sequences', 'code'],
      newFamilies: ['sequences', 'code'],
      strategies: ['expert', 'self-doubt'],
      parts: { known: 1, 'new-range': 0, 'new-family': 1 },
      count: 400,
    } as const;
    const records = await load(reasoning(structuredClone(options) as never), context());
    const made = [...countBy(records, (record) => `${of(record, 'part')} ${of(record, 'family')}`).keys()];
    expect(made.sort()).toEqual(['known lookup', 'new-family code', 'new-family sequences']);
    expect(shareOf(records, 'part', 'known')).toBeCloseTo(0.5, 1);
    expect([...countBy(records, (record) => of(record, 'strategy')).keys()].sort()).toEqual(
      options.strategies,
    );
  });

  it('give the share of a part without records to the others', async () => {
    const records = await load(reasoning({ families: ['arithmetic'], count: 200 }), context());
    expect([...countBy(records, (record) => of(record, 'part')).keys()].sort()).toEqual([
      'known',
      'new-range',
    ]);
  });

  it('that leave nothing are refused', async () => {
    const nothing = reasoning({ families: ['lookup'], strategies: ['bayesian'] });
    await expect(load(nothing, context())).rejects.toMatchObject({ code: 'AF_DATA_EMPTY' });
  });

  it('set the sizes', async () => {
    const small = { families: ['arithmetic' as const], parts: { known: 1, 'new-range': 0, 'new-family': 0 } };
    for (const record of await load(
      reasoning({ ...small, largest: 5, steps: 2, modulus: 7, count: 300 }),
      context(),
    )) {
      expect(of(record, 'depth')).toBe('2');
      expect(largestIn(asked(record).replace(/mod 7/i, ''))).toBeLessThanOrEqual(5);
      if (of(record, 'kind') === 'modular') expect(Number(answerText(record))).toBeLessThan(7);
    }
  });
});
