import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import type { Draw } from '../../nn/random/index.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { itemsFor, worded, type Wordings } from './shared/sides.js';
import { SHORT_WORDS } from './shared/words.js';

const SHORTEST = 3;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** Words and rows of letters of which letters are replaced, taken out, put in or doubled. */
export const editTasks = defineTaskGenerator({
  name: 'edit-tasks',
  description: 'Letters of a word to replace, take out, put in or double',
  options: Type.Object(
    {
      letters: withDefault(
        Type.Integer({ minimum: 4, maximum: 16, description: 'Letters of a word at difficulty 100.' }),
        12,
      ),
    },
    { additionalProperties: false },
  ),
  create: ({ letters }) =>
    taskGenerator('edit-tasks', [
      concept(letters, 'replace', 'Write the word anew, with the new letter for each old one.', replace),
      concept(letters, 'remove', 'Write the word anew and leave that letter out.', remove),
      concept(letters, 'insert', 'Write the first letter, then the new one, then the others.', insert),
      concept(letters, 'double', 'Write each letter twice before the next one.', double),
    ]),
});

interface Edit {
  readonly wordings: Wordings;
  readonly answer: string;
  readonly parameters: string;
}

type Change = (draw: Draw, word: string) => Edit;

function concept(most: number, name: string, rule: string, change: Change): TaskConcept {
  return {
    name,
    checker: 'exact',
    area: 'It is about the letters of a word.',
    rule,
    first: ({ answer }) => (answer.length > 1 ? `First letter: ${answer[0]}` : null),
    make: (draw, difficulty, side) => {
      const length = scaled(draw, difficulty, SHORTEST, most);
      const words = itemsFor(SHORT_WORDS, side).filter((word) => word.length === length);
      const word = words.length > 0 && draw.chance(0.5) ? draw.pick(words) : letters(draw, length);
      const { wordings, ...edit } = change(draw, word);
      return { question: worded(draw, side, wordings), ...edit };
    },
  };
}

/** Letters of which some may come more than once, and at least two differ. */
function letters(draw: Draw, length: number): string {
  const few = draw.several(LETTERS, Math.max(2, length - 1));
  const more = Array.from({ length: length - 2 }, () => draw.pick(few));
  return draw.several([few[0]!, few[1]!, ...more], length).join('');
}

function replace(draw: Draw, word: string): Edit {
  const from = draw.pick([...word]);
  const to = draw.pick(LETTERS.filter((letter) => !word.includes(letter)));
  return {
    wordings: {
      train: [`Replace ${from} with ${to} in "${word}".`, `"${word}": put ${to} for ${from}.`],
      heldOut: [
        `Write "${word}" with ${to} instead of ${from}.`,
        `Change every ${from} of "${word}" to ${to}.`,
      ],
    },
    answer: word.replaceAll(from, to),
    parameters: `${word} ${from} ${to}`,
  };
}

function remove(draw: Draw, word: string): Edit {
  const letter = draw.pick([...word]);
  return {
    wordings: {
      train: [`Take every ${letter} out of "${word}".`, `"${word}" without ${letter}?`],
      heldOut: [`Leave out ${letter} from "${word}".`, `Drop each ${letter} in "${word}".`],
    },
    answer: word.replaceAll(letter, ''),
    parameters: `${word} ${letter}`,
  };
}

function insert(draw: Draw, word: string): Edit {
  const letter = draw.pick(LETTERS);
  return {
    wordings: {
      train: [
        `Put ${letter} behind the first letter of "${word}".`,
        `"${word}": ${letter} as second letter?`,
      ],
      heldOut: [
        `Write "${word}" with ${letter} after its first letter.`,
        `Make ${letter} the second of "${word}".`,
      ],
    },
    answer: `${word[0]}${letter}${word.slice(1)}`,
    parameters: `${word} ${letter}`,
  };
}

function double(_draw: Draw, word: string): Edit {
  return {
    wordings: {
      train: [`Double each letter of "${word}".`, `Write every letter of "${word}" twice.`],
      heldOut: [`Say "${word}" with all letters two times.`, `Make two of each letter in "${word}".`],
    },
    answer: [...word].map((letter) => letter + letter).join(''),
    parameters: word,
  };
}
