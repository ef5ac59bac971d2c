import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import type { ThoughtArmsOptions, ThoughtItem, Writer } from '../../nn/evaluation/index.js';
import { stream } from '../../nn/random/index.js';

/**
 * Thinkers made by hand over a small vocabulary: 0 ends a text, 1..40 are numbers, 41 is a full stop, 42 and 43 begin
 * and end a thought. A question is two numbers, its answer `sumOf` them.
 */
export const EOS = 0;
export const NUMBERS = 40;
export const STOP = 41;
export const MARKS = { start: 42, end: 43 } as const;

/** Ids as words: what is written can be read in a test. */
export const idWords: Tokenizer = {
  vocabularySize: 42,
  special: { pad: null, bos: null, eos: EOS, unk: null, mask: null },
  encode: (text) => (text === '.' ? [STOP] : text.split(' ').map(Number)),
  decode: (ids) => Array.from(ids).join(' '),
  serialize: () => '{}',
};

export const sumOf = (a: number, b: number): number => 1 + ((a + b) % NUMBERS);

export function sumItems(count: number, seed = 1): ThoughtItem[] {
  const random = stream(seed, 'sums');
  return Array.from({ length: count }, () => {
    const [a, b] = [1 + random.integer(NUMBERS), 1 + random.integer(NUMBERS)];
    return {
      promptIds: [a, b],
      family: a % 2 === 0 ? 'even' : 'odd',
      grade: (answer) => answer === String(sumOf(a, b)),
    };
  });
}

export const ARM_OPTIONS: ThoughtArmsOptions = {
  tokenizer: idWords,
  marks: MARKS,
  ordinary: 42,
  thoughtTokens: 8,
  answerTokens: 3,
  seed: 5,
};

/** What a thinker writes. Each is a text without end of text; it goes on with full stops. */
export interface Thinker {
  /** In a thought about a and b; END follows. @param draw 0 where it is greedy */
  think(a: number, b: number, draw: number): readonly number[];
  /** After a thought; null: straight after the question. */
  answer(a: number, b: number, thought: readonly number[] | null): number;
}

/** A thinker as a writer: reads where in the text it is, and writes what its rules say, a batch at a time. */
export function thinkerWriter({ think, answer }: Thinker): Required<Writer> {
  const next = (text: readonly number[], draw: number): readonly number[] => {
    const [a, b] = text as [number, number];
    if (text.at(-1) === MARKS.start) return [...think(a, b, draw), MARKS.end];
    const start = text.indexOf(MARKS.start);
    return [answer(a, b, start < 0 ? null : text.slice(start + 1, text.indexOf(MARKS.end))), EOS];
  };
  const write: Required<Writer>['sample'] = async (prompts, limits, random) => {
    const written = prompts.map((text, i) => {
      const draw = 1 + random(i).integer(1000);
      const ids = [...next(text, draw), ...new Array<number>(limits.maxTokens).fill(STOP)];
      const allowed = ids.filter((id) => !limits.never.includes(id) && id < limits.vocabulary);
      const end = limits.stop === null ? -1 : allowed.indexOf(limits.stop);
      return allowed.slice(0, end < 0 ? limits.maxTokens : Math.min(end, limits.maxTokens));
    });
    await limits.onAnswered?.(prompts.length);
    return written;
  };
  const greedy = (): ReturnType<typeof stream> => Object.assign(stream(0), { integer: () => -1 });
  return { contextLength: 64, write: (prompts, limits) => write(prompts, limits, greedy), sample: write };
}

/** Works the sum out in its thought and reads the answer off there; without one it guesses. */
export const USEFUL: Thinker = {
  think: (a, b, draw) => {
    const [r, s, t, u] = [1, 7, 11, 13].map((factor) => 1 + ((factor * Math.abs(draw)) % NUMBERS));
    return [a, r!, s!, b, t!, u!, sumOf(a, b)];
  },
  answer: (a, _b, thought) => thought?.at(-1) ?? a,
};

/** Right about half of the questions, whatever stands before. */
const byHeart = (a: number, b: number): number => (a % 2 === 0 ? sumOf(a, b) : a);

/** Writes nothing between the marks. */
export const EMPTY: Thinker = { think: () => [], answer: byHeart };

/** Writes the same number again and again. */
export const CONSTANT: Thinker = { think: () => new Array<number>(8).fill(7), answer: byHeart };

/** Writes in the thought what it would have written anyway: its answer, and full stops. */
export const COPYING: Thinker = {
  think: (a, b) => [byHeart(a, b), ...new Array<number>(7).fill(STOP)],
  answer: byHeart,
};

/** Writes long thoughts, each time others, and answers without them. */
export const TALKATIVE: Thinker = {
  think: (a, b, draw) =>
    Array.from({ length: 6 }, (_, i) => 1 + ((a * b * (i + 1) + draw * (i + 2)) % NUMBERS)),
  answer: byHeart,
};
