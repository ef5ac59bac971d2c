import type { Draw } from '../../../../nn/random/index.js';
import * as lexicon from './lexicon.js';
import { FIRST_PLOTS } from './plots-one.js';
import { SECOND_PLOTS } from './plots-two.js';
import { fill, type Slots } from './template.js';

/** What happens in a story. Every string is a beat of one or more sentences; `?` at its beginning makes it optional. */
export interface Plot {
  readonly name: string;
  /** Goes on from the sentence that introduces the hero. */
  readonly start: readonly string[];
  /** Paragraphs. */
  readonly middle: readonly (readonly string[])[];
  readonly end: readonly string[];
}

export const PLOTS: readonly Plot[] = [...FIRST_PLOTS, ...SECOND_PLOTS];

const OPENINGS: readonly string[] = [
  `[Once upon a time|Long ago|Once], there [was|lived] a [little|small|young|] {trait} {kind} named {hero}.`,
  `[In a small house|In a little town|Near a big {place}|At the edge of a {place}], there lived a [little|young|] {trait} {kind}. {His} name was {hero}.`,
  `{hero} was a [little|small|young] {kind} who lived [near a {place}|by the {water}|in a quiet village|with {elder}]. {He} was very {trait}.`,
  `There once was a {trait} {kind} called {hero}.`,
];

const CLOSINGS: readonly string[] = [
  `And they lived happily ever after.`,
  `The end.`,
  `It was a good day.`,
  `That night, {hero} fell asleep with a smile.`,
  `And from that day on, {hero} and {friend} were the best of friends.`,
];

export interface Story {
  readonly text: string;
  readonly plot: string;
}

/** Tell one story: a cast, a plot, and one wording of each of its beats. */
export function tell(draw: Draw): Story {
  const plot = draw.pick(PLOTS);
  const slots = cast(draw);
  const paragraph = (beats: readonly string[]): string =>
    beats
      .filter((beat) => !beat.startsWith('?') || draw.chance(0.5))
      .map((beat) => fill(beat.replace(/^\?/, ''), slots, draw))
      .join(' ');
  const closing = draw.chance(0.5) ? [draw.pick(CLOSINGS)] : [];
  const paragraphs = [[draw.pick(OPENINGS), ...plot.start], ...plot.middle, [...plot.end, ...closing]];
  return { text: paragraphs.map(paragraph).join('\n\n'), plot: plot.name };
}

interface Person {
  readonly name: string;
  readonly kind: string;
  readonly isAnimal: boolean;
  readonly pronouns: Pronouns;
}

type Pronouns = readonly [he: string, him: string, his: string];
const SHE: Pronouns = ['she', 'her', 'her'];
const HE: Pronouns = ['he', 'him', 'his'];

function person(draw: Draw): Person {
  const girl = draw.chance(0.5);
  const pronouns = girl ? SHE : HE;
  if (draw.chance(0.45)) {
    return {
      name: draw.pick(lexicon.ANIMAL_NAMES),
      kind: draw.pick(lexicon.ANIMALS),
      isAnimal: true,
      pronouns,
    };
  }
  const name = draw.pick(girl ? lexicon.GIRLS : lexicon.BOYS);
  return { name, kind: girl ? 'girl' : 'boy', isAnimal: false, pronouns };
}

/** A friend with another name and, so that "he" is never unclear, another pronoun. */
function friendOf(hero: Person, draw: Draw): Person {
  for (;;) {
    const friend = person(draw);
    if (friend.name !== hero.name && friend.pronouns !== hero.pronouns) return friend;
  }
}

function cast(draw: Draw): Slots {
  const hero = person(draw);
  const friend = friendOf(hero, draw);
  const [elder, ehe, ehis] = draw.pick(lexicon.ELDERS);
  return {
    ...pronounSlots('', hero.pronouns),
    ...pronounSlots('f', friend.pronouns),
    hero: hero.name,
    kind: hero.kind,
    friend: friend.name,
    fkind: friend.kind,
    fwho: friend.isAnimal ? `${friend.name} the ${friend.kind}` : friend.name,
    elder,
    ehe,
    Ehe: capital(ehe),
    ehis,
    ...things(draw),
  };
}

function pronounSlots(prefix: string, [he, him, his]: Pronouns): Slots {
  const name = (slot: string): string => (prefix === '' ? slot : prefix + slot);
  return {
    [name('he')]: he,
    [name('him')]: him,
    [name('his')]: his,
    [capital(name('he'))]: capital(he),
    [capital(name('his'))]: capital(his),
  };
}

function things(draw: Draw): Slots {
  const [trait, ftrait] = draw.several(lexicon.TRAITS, 2) as [string, string];
  return {
    trait,
    ftrait,
    color: draw.pick(lexicon.COLORS),
    toy: draw.pick(lexicon.TOYS),
    place: draw.pick(lexicon.PLACES),
    water: draw.pick(lexicon.WATERS),
    food: draw.pick(lexicon.FOODS),
    snack: draw.pick(lexicon.SNACKS),
    baby: draw.pick(lexicon.YOUNG_ANIMALS),
    plant: draw.pick(lexicon.PLANTS),
    treasure: draw.pick(lexicon.TREASURES),
    skill: draw.pick(lexicon.SKILLS),
    fear: draw.pick(lexicon.FEARS),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
