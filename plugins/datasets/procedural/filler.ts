import type { Draw } from '../../../nn/random/index.js';
import { ANIMALS, COLORS, PLACES, TRAITS, WATERS } from './stories/lexicon.js';
import { fill } from './stories/template.js';
import { PEOPLE } from './words.js';

/** Sentences that say nothing of what is asked. Every slot is filled with one word, so that a template has a length. */
const SENTENCES: readonly string[] = [
  `It rained.`,
  `{name} was {trait}.`,
  `It was a quiet day.`,
  `{name} and {other} went home.`,
  `{name} saw a {color} {animal}.`,
  `The {animal} was in the {place}.`,
  `{name} and {other} were very {trait}.`,
  `{name} went down to the little {water}.`,
  `One day {name} and {other} saw a {animal}.`,
  `{name} and {other} went to the {place} to play.`,
  `It was a small {animal} and it was very {trait}.`,
  `The {color} {animal} sat near the {water} all day long.`,
  `{name} had a {trait} {animal} and {other} had a little {color} one.`,
];

/** Short words are few tokens: a distance in words is then not much more in tokens. */
const isShort = (word: string): boolean => word.length <= 5;

const WORDS = {
  people: PEOPLE.filter(isShort),
  traits: TRAITS.filter(isShort),
  animals: ANIMALS.filter(isShort),
  colors: COLORS.filter(isShort),
  places: PLACES.filter(isShort),
  waters: WATERS.filter(isShort),
};

const TEMPLATES = SENTENCES.map((sentence) => ({ sentence, length: wordsOf(sentence) }));

export function wordsOf(text: string): number {
  return text.split(' ').length;
}

/**
 * Sentences with exactly that many words together.
 * @param words no 1: there is no sentence of one word
 */
export function fillerOf(draw: Draw, words: number): readonly string[] {
  const sentences: string[] = [];
  let left = words;
  while (left > 0) {
    const { sentence, length } = draw.pick(TEMPLATES.filter((each) => canFill(left - each.length)));
    sentences.push(fill(sentence, slotsOf(draw), draw));
    left -= length;
  }
  return sentences;
}

/** Whether that many words can still be filled. */
function canFill(words: number): boolean {
  return words === 0 || words > 1;
}

function slotsOf(draw: Draw): Readonly<Record<string, string>> {
  const [name, other] = draw.several(WORDS.people, 2) as [string, string];
  return {
    name,
    other,
    trait: draw.pick(WORDS.traits),
    animal: draw.pick(WORDS.animals),
    color: draw.pick(WORDS.colors),
    place: draw.pick(WORDS.places),
    water: draw.pick(WORDS.waters),
  };
}
