import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeText } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';
import { SHORT_WORDS } from './words.js';

interface Task {
  readonly question: string;
  readonly steps: string;
  readonly answer: string;
}

/** Small operations on words, letter by letter. */
export const stringTasks = defineGenerated({
  name: 'string-tasks',
  description: 'Generated tasks on letters and words: reverse, count, sort, replace, join, index',
  category: 'code',
  count: 3000,
  options: {
    madeUp: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of words that are made up.' }),
      0.6,
    ),
  },
  make: (draw, { madeUp }) => {
    const [kind, build] = draw.pick(KINDS);
    const word = (): string => (draw.chance(madeUp) ? inventedWord(draw) : draw.pick(SHORT_WORDS));
    const { question, steps, answer } = build(draw, word);
    return questionRecord(question, reasonedAnswer(steps, answer), { kind, answer });
  },
  grade: gradeText,
});

type Build = (draw: Draw, word: () => string) => Task;

const KINDS: readonly (readonly [kind: string, build: Build])[] = [
  ['reverse', reverse],
  ['count', count],
  ['length', length],
  ['letter', letter],
  ['sort', sort],
  ['replace', replace],
  ['join', join],
  ['double', double],
  ['initials', initials],
];

function inventedWord(draw: Draw): string {
  const syllables = Array.from(
    { length: draw.between(2, 3) },
    () => draw.pick([...'bdfgklmnprstvz']) + draw.pick([...'aeiou']),
  );
  return syllables.join('') + (draw.chance(0.4) ? draw.pick([...'lnrst']) : '');
}

const spell = (word: string): string => [...word].join(' ');

function reverse(draw: Draw, word: () => string): Task {
  const value = word();
  const answer = [...value].reverse().join('');
  const question = draw.pick([
    `Reverse the word "${value}".`,
    `Write "${value}" backwards.`,
    `reverse("${value}")`,
  ]);
  return { question, steps: `The letters are ${spell(value)}. Backwards they are ${spell(answer)}.`, answer };
}

function count(draw: Draw, word: () => string): Task {
  const value = word() + (draw.chance(0.3) ? word() : '');
  const wanted = draw.pick([...value]);
  const found = [...value].filter((character) => character === wanted).length;
  const question = draw.pick([
    `How many times does "${wanted}" occur in "${value}"?`,
    `Count the letter "${wanted}" in "${value}".`,
  ]);
  return {
    question,
    steps: `The letters are ${spell(value)}. The letter ${wanted} is there ${found === 1 ? 'once' : `${found} times`}.`,
    answer: String(found),
  };
}

function length(draw: Draw, word: () => string): Task {
  const value = word();
  const question = draw.pick([
    `How many letters has "${value}"?`,
    `length("${value}")`,
    `What is the length of "${value}"?`,
  ]);
  return {
    question,
    steps: `${[...value].map((character, index) => `${index + 1} ${character}`).join(', ')}.`,
    answer: String(value.length),
  };
}

function letter(draw: Draw, word: () => string): Task {
  const value = word();
  const index = draw.between(1, value.length);
  const answer = value.charAt(index - 1);
  const question = draw.pick([
    `What is letter ${index} of "${value}"?`,
    `Which letter stands at place ${index} in "${value}"?`,
  ]);
  return {
    question,
    steps: `${[...value.slice(0, index)].map((character, at) => `${at + 1} ${character}`).join(', ')}.`,
    answer,
  };
}

function sort(draw: Draw, word: () => string): Task {
  const value = word();
  const answer = [...value].sort().join('');
  const question = draw.pick([
    `Sort the letters of "${value}".`,
    `Put the letters of "${value}" in alphabetical order.`,
  ]);
  return { question, steps: `The letters are ${spell(value)}. In order they are ${spell(answer)}.`, answer };
}

function replace(draw: Draw, word: () => string): Task {
  const value = word();
  const from = draw.pick([...value]);
  const to = draw.pick([...'xyzqw'].filter((character) => character !== from));
  const answer = value.replaceAll(from, to);
  const question = draw.pick([
    `Replace every "${from}" in "${value}" with "${to}".`,
    `replace("${value}", "${from}", "${to}")`,
  ]);
  return { question, steps: `The letters are ${spell(value)}. They become ${spell(answer)}.`, answer };
}

function join(draw: Draw, word: () => string): Task {
  const words = [word(), word(), ...(draw.chance(0.4) ? [word()] : [])];
  const separator = draw.pick(['-', '+', '/', '_']);
  const answer = words.join(separator);
  return {
    question: `Join ${words.map((value) => `"${value}"`).join(', ')} with "${separator}".`,
    steps: '',
    answer,
  };
}

function double(draw: Draw, word: () => string): Task {
  const value = word();
  const answer = [...value].map((character) => character + character).join('');
  const question = draw.pick([
    `Write every letter of "${value}" twice.`,
    `Double each letter of "${value}".`,
  ]);
  return { question, steps: `The letters are ${spell(value)}.`, answer };
}

function initials(draw: Draw, word: () => string): Task {
  const words = Array.from({ length: draw.between(3, 5) }, word);
  const answer = words.map((value) => value.charAt(0)).join('');
  return {
    question: `Take the first letters of ${words.join(' ')}.`,
    steps: `${words.map((value) => `${value}: ${value.charAt(0)}`).join(', ')}.`,
    answer,
  };
}
