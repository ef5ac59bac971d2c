import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeText } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { fillerOf, wordsOf } from './filler.js';
import { defineGenerated } from './generated.js';
import { COLORS } from './stories/lexicon.js';
import { CONTAINERS } from './words.js';

/** The points of a curve over distances. */
const DISTANCES = 6;

/** Things that may share the colour or the kind with another one, so that both must be read. */
const KEYS = COLORS.flatMap((color) => CONTAINERS.map(([thing]) => `${color} ${thing}`));

/**
 * Values told early, other sentences, and a question for one of the values. Distance: words between the value that
 * counts and the question, in six even steps up to the option.
 */
export const recall = defineGenerated({
  name: 'recall',
  description: 'Generated values to remember over a distance of other sentences, some of them overwritten',
  category: 'qa',
  count: 3000,
  options: {
    distance: withDefault(
      Type.Integer({ minimum: 18, maximum: 20_000, description: 'Most words between value and question.' }),
      48,
    ),
    facts: withDefault(Type.Integer({ minimum: 1, maximum: 10, description: 'Most values told.' }), 3),
    digits: withDefault(Type.Integer({ minimum: 1, maximum: 6, description: 'Digits of a value.' }), 2),
    overwritten: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of records in which a value is told anew.' }),
      0.5,
    ),
  },
  make: (draw, { distance: farthest, facts, digits, overwritten }) => {
    const distance = Math.round((farthest * draw.between(1, DISTANCES)) / DISTANCES);
    const told = factsOf(draw, draw.between(1, facts), digits, overwritten);
    const asked = draw.pick([...new Set(told.map(({ key }) => key))]);
    const { before, after } = arrange(told, asked, distance);
    const sentences = [...before, ...after].map(({ sentence }) => sentence);
    const filler = fillerOf(draw, distance - lengthOf(after));
    const question = draw.pick([`What is the code of the ${asked}?`, `Give the code of the ${asked}.`]);
    const { value, anew } = before.at(-1)!;
    return questionRecord([...sentences, ...filler, question].join(' '), reasonedAnswer('', value), {
      kind: anew ? 'overwritten' : 'once',
      distance: String(distance),
      answer: value,
      group: `recall ${sentences.join(' ')} ${asked}`,
    });
  },
  grade: gradeText,
});

interface Fact {
  readonly key: string;
  readonly value: string;
  /** Whether its key had another value before. */
  readonly anew: boolean;
  readonly sentence: string;
}

/**
 * Facts in the order in which they are told. In a share of the records with two or more, one of them gives a new value
 * to a key that had one: to any key, so that the word "now" does not give the question away.
 */
function factsOf(draw: Draw, count: number, digits: number, overwritten: number): readonly Fact[] {
  const again = count > 1 && draw.chance(overwritten);
  const keys = draw.several(KEYS, again ? count - 1 : count);
  const all = again ? withRepeat(draw, keys) : keys;
  const values = differentNumbers(draw, count, digits);
  return all.map((key, place) => {
    const anew = all.indexOf(key) < place;
    const value = values[place]!;
    const sentence = `The code of the ${key} is ${anew ? 'now ' : ''}${value}.`;
    return { key, value, anew, sentence };
  });
}

/** One of the keys once more, somewhere behind its first place. */
function withRepeat(draw: Draw, keys: readonly string[]): readonly string[] {
  const first = draw.between(0, keys.length - 1);
  return keys.toSpliced(draw.between(first + 1, keys.length), 0, keys[first]!);
}

function differentNumbers(draw: Draw, count: number, digits: number): readonly string[] {
  const values = new Set<number>();
  const low = digits === 1 ? 0 : 10 ** (digits - 1);
  while (values.size < count) values.add(draw.between(low, 10 ** digits - 1));
  return [...values].map(String);
}

/**
 * The facts up to the value that counts, and those that stand in the distance; where these do not fit into it, the
 * value that counts is told last.
 */
function arrange(
  told: readonly Fact[],
  asked: string,
  distance: number,
): { readonly before: readonly Fact[]; readonly after: readonly Fact[] } {
  const last = told.findLastIndex(({ key }) => key === asked);
  const after = told.slice(last + 1);
  const left = distance - lengthOf(after);
  // no filler has a single word
  if (left === 0 || left > 1) return { before: told.slice(0, last + 1), after };
  return { before: [...told.slice(0, last), ...after, told[last]!], after: [] };
}

function lengthOf(facts: readonly Fact[]): number {
  return facts.reduce((words, { sentence }) => words + wordsOf(sentence), 0);
}
