import type { Operation } from '../../chains.js';
import type { Draw } from '../../../../../nn/random/index.js';
import { counted, PEOPLE, THINGS } from '../../words.js';
import { drawChain, expressionOf, valuesOf, type Chain } from '../chain.js';
import { claimsOf, decomposed, doubted, stepwise } from '../chain-thoughts.js';
import type { Kind, Problem, Shape, Strategy, Thought } from '../problem.js';

/** Somebody has things; some come, some go, or there are suddenly twice as many. */
export const WORD_PROBLEMS: readonly Kind[] = [
  {
    name: 'events',
    strategies: ['chain-of-thought', 'decomposition', 'self-doubt', 'multi-domain'],
    numbers: true,
    stepsFor: (steps) => steps,
    make: events,
  },
];

const GAINS = ['finds', 'gets', 'buys', 'wins'];
const LOSSES = ['loses', 'sells', 'drops'];

function events(draw: Draw, shape: Shape, strategy: Strategy): Problem {
  const chain = drawChain(draw, shape, { modulus: null, factors: [2], strategy });
  const person = draw.pick(PEOPLE);
  const thing = draw.pick(THINGS);
  const told = chain.operations.map((operation) => eventOf(draw, operation));
  const start = `${person} has ${counted(chain.start, thing)}`;
  return {
    question: draw.pick([
      `${[start, ...told].join(', ')}. How many ${thing[1]} now?`,
      `${[start, ...told.map((event) => `${person} ${event}`)].join('. ')}. How many ${thing[1]} has ${person}?`,
    ]),
    answer: String(valuesOf(chain).at(-1)!),
    thoughts: thoughtsOn(chain, strategy),
    identity: expressionOf(chain),
  };
}

function eventOf(draw: Draw, { sign, by }: Operation): string {
  if (sign === '*') return 'doubles them';
  return `${draw.pick(sign === '+' ? GAINS : LOSSES)} ${by}`;
}

function thoughtsOn(chain: Chain, strategy: Strategy): readonly Thought[] {
  if (strategy === 'decomposition') return decomposed(chain);
  if (strategy === 'self-doubt') return doubted(chain);
  return strategy === 'multi-domain' ? twoViews(chain) : stepwise(chain);
}

/** `<reason>up down<reason>5+3=8,8-2=6`: what the words say of more and less, then the numbers. */
function twoViews(chain: Chain): readonly Thought[] {
  return [
    ['<reason>', chain.operations.map(({ sign }) => (sign === '-' ? 'down' : 'up')).join(' ')],
    ['<reason>', claimsOf(chain).join(',')],
  ];
}
