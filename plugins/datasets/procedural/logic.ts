import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeText } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import { booleanTask } from './boolean-task.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';
import { PEOPLE } from './words.js';

interface Task {
  readonly question: string;
  readonly steps: string;
  readonly answer: string;
}

/** Syllogisms, boolean expressions and comparisons, with the chain of conclusions. */
export const logic = defineGenerated({
  name: 'logic',
  description: 'Generated syllogisms, boolean expressions and orderings with their reasoning',
  category: 'qa',
  count: 3000,
  options: {
    depth: withDefault(
      Type.Integer({ minimum: 1, maximum: 5, description: 'Most steps of a conclusion.' }),
      3,
    ),
  },
  make: (draw, { depth }) => {
    const [kind, build] = draw.pick(KINDS);
    const { question, steps, answer } = build(draw, depth);
    return questionRecord(question, reasonedAnswer(steps, answer), { kind, answer });
  },
  grade: gradeText,
});

type Build = (draw: Draw, depth: number) => Task;

const KINDS: readonly (readonly [kind: string, build: Build])[] = [
  ['syllogism', syllogism],
  ['boolean', booleanTask],
  ['order', order],
];

/** One and several of a kind: known kinds and made-up ones, so that the form and not the facts decide. */
const GROUPS: readonly (readonly [one: string, many: string])[] = [
  ['cat', 'cats'],
  ['dog', 'dogs'],
  ['bird', 'birds'],
  ['robot', 'robots'],
  ['dragon', 'dragons'],
  ['baker', 'bakers'],
  ['pilot', 'pilots'],
  ['bloop', 'bloops'],
  ['wug', 'wugs'],
  ['zorp', 'zorps'],
  ['fizzle', 'fizzles'],
  ['lomp', 'lomps'],
  ['tove', 'toves'],
  ['nib', 'nibs'],
  ['grum', 'grums'],
  ['plim', 'plims'],
];

const TRAITS = [
  'green',
  'brave',
  'quiet',
  'fast',
  'kind',
  'small',
  'clever',
  'warm',
  'shy',
  'round',
  'strong',
  'sleepy',
];

/** A chain "all A are B, all B are C, C are green", asked forwards (yes), negated (no) or about something unsaid. */
function syllogism(draw: Draw, depth: number): Task {
  const name = draw.pick(PEOPLE);
  const chain = draw.several(GROUPS, draw.between(1, depth));
  const [trait, other] = draw.several(TRAITS, 2) as [string, string];
  const negative = draw.chance(0.35);
  const unsaid = draw.chance(0.25);
  const facts = [`${name} is a ${chain[0]![0]}.`];
  for (let i = 0; i + 1 < chain.length; i++) facts.push(`All ${chain[i]![1]} are ${chain[i + 1]![1]}.`);
  facts.push(`${negative ? 'No' : 'All'} ${chain.at(-1)![1]} are ${trait}.`);
  const steps = [`${name} is a ${chain[0]![0]}`];
  for (const group of chain.slice(1)) steps.push(`so ${name} is a ${group[0]}`);
  const asked = unsaid ? other : trait;
  const answer = unsaid ? 'unknown' : negative ? 'no' : 'yes';
  const end = unsaid
    ? `Nothing is said about being ${other}.`
    : `${negative ? 'No' : 'All'} ${chain.at(-1)![1]} are ${trait}, so ${name} is ${negative ? 'not ' : ''}${trait}.`;
  const question = `${draw.several(facts, facts.length).join(' ')} Is ${name} ${asked}? Say yes, no or unknown.`;
  return { question, steps: `${steps.join(', ')}. ${end}`, answer };
}

const RELATIONS: readonly (readonly [more: string, most: string, least: string])[] = [
  ['taller', 'the tallest', 'the shortest'],
  ['older', 'the oldest', 'the youngest'],
  ['faster', 'the fastest', 'the slowest'],
  ['stronger', 'the strongest', 'the weakest'],
];

/** A chain of comparisons, told in any order. */
function order(draw: Draw, depth: number): Task {
  const people = draw.several(PEOPLE, draw.between(1, depth) + 1);
  const [more, most, least] = draw.pick(RELATIONS);
  const facts = people.slice(1).map((person, index) => `${people[index]} is ${more} than ${person}.`);
  const top = draw.chance(0.5);
  return {
    question: `${draw.several(facts, facts.length).join(' ')} Who is ${top ? most : least}?`,
    steps: `From ${most} to ${least}: ${people.join(', ')}.`,
    answer: (top ? people[0] : people.at(-1))!,
  };
}
