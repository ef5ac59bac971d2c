import type { Draw } from '../../../../../nn/random/index.js';
import { PEOPLE } from '../../words.js';
import type { Kind, Problem, Shape, Strategy, Thought } from '../problem.js';

/** People in a row, told in pairs; the walk from the first fact to the end asked for is `steps` long. */
export const ORDER: Kind = {
  name: 'order',
  strategies: ['chain-of-thought', 'falsification', 'multi-domain'],
  numbers: false,
  stepsFor: (steps) => steps,
  make: order,
};

/** One relation and its converse, and how both ends of the row are called. */
interface Relation {
  readonly before: string;
  readonly after: string;
  readonly first: string;
  readonly last: string;
}

const RELATIONS: readonly Relation[] = [
  { before: 'before', after: 'after', first: 'first', last: 'last' },
  { before: 'above', after: 'below', first: 'at the top', last: 'at the bottom' },
];

function order(draw: Draw, { steps }: Shape, strategy: Strategy): Problem {
  const people = draw.several(PEOPLE, steps + 2);
  const up = draw.chance(0.5);
  const relation = draw.pick(RELATIONS);
  const facts = people.slice(1).map((later, index) => `${people[index]} is ${relation.before} ${later}.`);
  // the walk begins with a person of the first fact, who is `steps` places away from the end asked for
  const opening = facts.splice(up ? steps : 0, 1);
  const told = [...opening, ...draw.several(facts, facts.length)];
  const walk = up ? people.slice(0, steps + 1).reverse() : people.slice(1);
  return {
    question: `${told.join(' ')} Who is ${up ? relation.first : relation.last}?`,
    answer: walk.at(-1)!,
    thoughts: thoughtsOn(walk, up ? relation.after : relation.before, strategy),
    identity: `${people.join(' ')} ${up ? 'first' : 'last'}`,
  };
}

/** `<step>Ben after Mia<step>Mia after Eva<step>Eva`: from person to person, as long as somebody is further on. */
function thoughtsOn(walk: readonly string[], relation: string, strategy: Strategy): readonly Thought[] {
  const answer: Thought = ['<step>', walk.at(-1)!];
  if (strategy === 'multi-domain') {
    const places = walk.map((person, index) => `${person} ${index + 1}`);
    return [['<reason>', walk.join(` ${relation} `)], ['<reason>', places.join(' ')], answer];
  }
  // each on the way could be the one, but for the fact that somebody is further on
  const tag = strategy === 'falsification' ? '<falsify>' : '<step>';
  const facts = walk.slice(1).map((next, index): Thought => [tag, `${walk[index]} ${relation} ${next}`]);
  return [...facts, answer];
}
