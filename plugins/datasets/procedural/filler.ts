import type { Draw } from './draw.js';
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
    const fitting = SENTENCES.filter((sentence) => leaves(left - wordsOf(sentence)));
    const sentence = draw.pick(fitting);
    sentences.push(fill(sentence, slotsOf(draw), draw));
    left -= wordsOf(sentence);
  }
  return sentences;
}

/** Whether that many words can still be filled. */
function leaves(words: number): boolean {
  return words === 0 || words > 1;
}

function slotsOf(draw: Draw): Readonly<Record<string, string>> {
  const [name, other] = draw.several(short(PEOPLE), 2) as [string, string];
  return {
    name,
    other,
    trait: draw.pick(short(TRAITS)),
    animal: draw.pick(short(ANIMALS)),
    color: draw.pick(short(COLORS)),
    place: draw.pick(short(PLACES)),
    water: draw.pick(short(WATERS)),
  };
}

/** Words that are few tokens, so that a distance in words says how many tokens it has. */
function short(words: readonly string[]): readonly string[] {
  return words.filter((word) => word.length <= 5);
}
