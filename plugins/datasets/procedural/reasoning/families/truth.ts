import type { Draw } from '../../../../../nn/random/index.js';
import type { Kind, Problem, Shape, Strategy, Thought } from '../problem.js';

/** Statements that are like the one before, or its contrary; the false ones are asked for. */
export const TRUTH: Kind = {
  name: 'truth',
  strategies: ['chain-of-thought', 'expert'],
  numbers: false,
  stepsFor: (steps) => steps,
  make: truth,
};

/** All but those that are words of their own. */
const LETTERS = [...'bcdefghjklmnopqrstuvwxyz'];

function truth(draw: Draw, { steps }: Shape, strategy: Strategy): Problem {
  const letters = draw.several(LETTERS, steps + 1);
  const start = strategy === 'expert' || draw.chance(0.5);
  const certain = start ? draw.between(1, steps) : 0;
  // something is false: the start, or what follows the first "not"
  const nots = letters.slice(1).map((_, index) => index + 1 === certain || draw.chance(0.5));
  const values = nots.reduce<boolean[]>((all, not) => [...all, all.at(-1)! !== not], [start]);
  const told = nots.map((not, index) => `${letters[index + 1]} is ${not ? 'not ' : ''}${letters[index]}`);
  const facts = [`${letters[0]} is ${start}`, ...told];
  const answer = letters.filter((_, index) => values[index] === false).join(' ');
  return {
    question: draw.pick([
      `${facts.join('. ')}. Which are false?`,
      `List what is false: ${facts.join(', ')}.`,
    ]),
    answer,
    thoughts: strategy === 'expert' ? parity(letters, nots, answer) : evaluated(letters, values, answer),
    identity: facts.join('. '),
  };
}

/** `<step>m=F<step>d=F<step>m d`: one statement after the other. */
function evaluated(
  letters: readonly string[],
  values: readonly boolean[],
  answer: string,
): readonly Thought[] {
  const steps = letters
    .slice(1)
    .map((letter, index): Thought => ['<step>', `${letter}=${values[index + 1] ? 'T' : 'F'}`]);
  return [...steps, ['<step>', answer]];
}

/** `<expert>odd nots flip<step>m=1 d=1 b=2<step>m d`: how many times "not" stands between the true start and each. */
function parity(letters: readonly string[], nots: readonly boolean[], answer: string): readonly Thought[] {
  const counts = letters
    .slice(1)
    .map((letter, index) => `${letter}=${nots.slice(0, index + 1).filter(Boolean).length}`);
  return [
    ['<expert>', 'odd nots flip'],
    ['<step>', counts.join(' ')],
    ['<step>', answer],
  ];
}
