import fc from 'fast-check';
import {
  generateThinking,
  thinkingOf,
  ThoughtTally,
  writableIds,
  type Prediction,
  type ThinkingItem,
  type ThinkingOptions,
} from '../../../nn/generation/index.js';
import { stream } from '../../../nn/random/index.js';

const [EOS, START, END, TAG] = [6, 7, 8, 9];
const VOCABULARY = 10;
const ids = writableIds({
  vocabularySize: VOCABULARY,
  special: { pad: null, bos: null, eos: EOS, unk: null, mask: null },
  extended: new Map([
    ['<think>', START],
    ['</think>', END],
    ['<step>', TAG],
  ]),
});
const greedy = { temperature: 0, topK: null, topP: null };
const THINKING: ThinkingOptions = {
  ...{ start: START, end: END, tags: [TAG], length: 3, threshold: 0.5, minInterval: 2 },
};

/** Certain of one id; all others are far. */
function certain(id: number): Float32Array {
  return new Float32Array(VOCABULARY).map((_, i) => (i === id ? 30 : 0));
}
/** In doubt of all, one a little before the others. */
function doubtful(id: number): Float32Array {
  return new Float32Array(VOCABULARY).map((_, i) => (i === id ? 0.1 : 0));
}

/** A model that is a function of what it sees; it writes down what it saw. */
function model(logits: (seen: readonly number[]) => Float32Array) {
  const seen: number[][] = [];
  return {
    seen,
    contextLength: 100,
    next: (read: readonly number[]): Promise<Prediction> => {
      seen.push([...read]);
      return Promise.resolve({ logits: logits(read), steps: 2 });
    },
  };
}

async function write(
  generator: Parameters<typeof generateThinking>[0],
  changes: Partial<ThinkingOptions> = {},
  options: Partial<Parameters<typeof generateThinking>[2]> = {},
): Promise<ThinkingItem[]> {
  const items: ThinkingItem[] = [];
  const settings = { ...greedy, ...ids, maxTokens: 4, stop: EOS, ...options };
  const thinking = { ...THINKING, ...changes };
  for await (const item of generateThinking(generator, [0], { ...settings, thinking }, stream(1)))
    items.push(item);
  return items;
}
const idsOf = (items: readonly ThinkingItem[], kind?: string): number[] =>
  items.filter((item) => kind === undefined || item.kind === kind).map(({ id }) => id);
const last = (seen: readonly number[]): number => seen.at(-1)!;
/** Within an open thought. */
const isInside = (seen: readonly number[]): boolean => seen.lastIndexOf(START) > seen.lastIndexOf(END);

describe('writing with thoughts', () => {
  it('thinks where it is in doubt, closes by force, and sees its thought', async () => {
    // In doubt after 0 (the prompt) and certain otherwise; within thoughts it writes 4 for ever.
    const generator = model((seen) => {
      if (isInside(seen)) return certain(4);
      return last(seen) === 0 ? doubtful(1) : certain(2);
    });
    const items = await write(generator);
    expect(items).toEqual([
      { kind: 'thought', id: START, steps: 2 },
      { kind: 'thought', id: 4, steps: 2 },
      { kind: 'thought', id: 4, steps: 2 },
      { kind: 'thought', id: 4, steps: 2 },
      { kind: 'thought', id: END, steps: 0 },
      ...[2, 2, 2, 2].map((id) => ({ kind: 'text', id, steps: 2 })),
    ]);
    expect(generator.seen).toEqual([
      [0],
      [0, START],
      [0, START, 4],
      [0, START, 4, 4],
      [0, START, 4, 4, 4, END],
      [0, START, 4, 4, 4, END, 2],
      [0, START, 4, 4, 4, END, 2, 2],
      [0, START, 4, 4, 4, END, 2, 2, 2],
    ]);
  });

  it('ends a thought that the model closes, and lets it name its strategy', async () => {
    const generator = model((seen) => {
      if (!isInside(seen)) return doubtful(1);
      return certain(last(seen) === START ? TAG : last(seen) === TAG ? 5 : END);
    });
    const items = await write(generator, { length: 9 }, { maxTokens: 1 });
    expect(idsOf(items)).toEqual([START, TAG, 5, END, 1]);
    expect(items[3]).toEqual({ kind: 'thought', id: END, steps: 2 });
  });

  it('leaves as many tokens between thoughts as it is told to', async () => {
    const generator = model((seen) => (isInside(seen) ? certain(END) : doubtful(1)));
    const marks = async (minInterval: number): Promise<string> =>
      idsOf(await write(generator, { minInterval }, { maxTokens: 5 }))
        .filter((id) => id !== END)
        .map((id) => (id === START ? '*' : '.'))
        .join('');
    expect(await marks(1)).toBe('*.*.*.*.*.');
    expect(await marks(2)).toBe('*..*..*.');
    expect(await marks(9)).toBe('*.....');
  });

  it('never opens a thought or ends the document within one, and writes no tag into the text', async () => {
    // Whatever is banned is the most likely; 3 comes after it.
    const wanting = (id: number) => (): Float32Array => certain(id).map((x, i) => (i === 3 ? 20 : x));
    for (const id of [START, EOS]) {
      const inside = model((seen) => (isInside(seen) ? wanting(id)() : doubtful(1)));
      expect(idsOf(await write(inside, {}, { maxTokens: 1 }))).toEqual([START, 3, 3, 3, END, 1]);
    }
    for (const id of [START, END, TAG]) expect(idsOf(await write(model(wanting(id))))).toEqual([3, 3, 3, 3]);
  });

  it('thinks before the first token on request, however easy it is', async () => {
    const easy = model((seen) => (isInside(seen) ? certain(END) : certain(3)));
    expect(idsOf(await write(easy))).toEqual([3, 3, 3, 3]);
    expect(idsOf(await write(easy, { atStart: true }))).toEqual([START, END, 3, 3, 3, 3]);
  });

  it('thinks before the first token where it would rather do so, if it may choose', async () => {
    const opens = (id: number) =>
      model((seen) => (isInside(seen) ? certain(END) : seen.length === 1 ? certain(id) : certain(3)));
    expect(idsOf(await write(opens(START), { atStart: 'chosen' }))).toEqual([START, END, 3, 3, 3, 3]);
    expect(idsOf(await write(opens(3), { atStart: 'chosen' }))).toEqual([3, 3, 3, 3]);
    // Another mark is no choice, and doubt is none.
    expect(idsOf(await write(opens(TAG), { atStart: 'chosen' }))[0]).not.toBe(START);
    const unsure = model((seen) =>
      isInside(seen) ? certain(END) : seen.length === 1 ? doubtful(3) : certain(3),
    );
    expect(idsOf(await write(unsure, { atStart: 'chosen' }))).toEqual([3, 3, 3, 3]);
    expect(idsOf(await write(unsure))).toEqual([START, END, 3, 3, 3, 3]);
    // Unless it may choose, the mark is written by force alone.
    expect(idsOf(await write(opens(START), { threshold: 1 }))).not.toContain(START);
  });

  it('ends with the document, without the token that ends it', async () => {
    const generator = model((seen) => certain(seen.length === 3 ? EOS : 3));
    expect(idsOf(await write(generator))).toEqual([3, 3]);
  });

  it('is of a form, whatever the model says', async () => {
    const thinking = fc.record({
      length: fc.integer({ min: 1, max: 4 }),
      threshold: fc.double({ min: 0, max: 1, noNaN: true }),
      minInterval: fc.integer({ min: 1, max: 4 }),
      atStart: fc.constantFrom(false, true, 'chosen' as const),
    });
    await fc.assert(
      fc.asyncProperty(thinking, fc.integer({ min: 0, max: 1e6 }), async (changes, seed) => {
        const generator = model((seen) => {
          const random = stream(seed, seen.length, last(seen));
          const sharpness = 8 * random.uniform();
          return new Float32Array(VOCABULARY).map(() => sharpness * random.uniform());
        });
        const items = await write(generator, changes, { temperature: 1, maxTokens: 12 });
        const marks = items.map(({ kind, id }) =>
          id === START ? '<' : id === END ? '>' : kind === 'text' ? '.' : '-',
        );
        const { length, minInterval } = changes;
        const form = `^\\.*(<-{0,${length}}>\\.{${minInterval},})*(<-{0,${length}}>\\.*)?$`;
        expect(marks.join('')).toMatch(new RegExp(form));
        const text = idsOf(items, 'text');
        expect(text.length).toBeLessThanOrEqual(12);
        expect(text.every((id) => id < EOS)).toBe(true);
        expect(idsOf(items, 'thought').includes(EOS)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

test('what a record says, as options', () => {
  const tags = { '<think>': START, '</think>': END, '<step>': TAG };
  const facts = { talk: 4, samples: 2, length: 3, threshold: 0.5, min_interval: 2 };
  expect(thinkingOf({ start: START, end: END, tags, ...facts })).toEqual(THINKING);
});

test('what thoughts cost', () => {
  const tally = new ThoughtTally(START);
  const nothing = { density: null, tokenShare: null, timeShare: null };
  expect(tally.cost()).toEqual({ count: 0, tokens: 0, seconds: 0, ...nothing });
  for (const id of [START, 4, 5, END]) tally.add({ kind: 'thought', id }, 0.25);
  for (const id of [1, 2, 3, 4]) tally.add({ kind: 'text', id }, 0.75);
  expect(tally.cost()).toEqual({
    ...{ count: 1, tokens: 4, density: 0.25, tokenShare: 0.5, seconds: 1, timeShare: 0.25 },
  });
});
