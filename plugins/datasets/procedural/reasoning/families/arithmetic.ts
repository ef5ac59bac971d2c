import { commonDivisor } from '../../chains.js';
import type { Draw } from '../../../../../nn/random/index.js';
import { drawChain, expressionOf, valuesOf, type Chain } from '../chain.js';
import { decomposed, doubted, falsified, reducedOnce, stepwise } from '../chain-thoughts.js';
import type { Kind, Problem, Shape, Strategy, Thought } from '../problem.js';

/** Sums and differences, and operations modulo a small number; always from left to right. */
export const ARITHMETIC: readonly Kind[] = [
  {
    name: 'modular',
    strategies: ['chain-of-thought', 'decomposition', 'falsification', 'expert', 'self-doubt'],
    numbers: true,
    stepsFor: (steps) => steps,
    make: modular,
  },
  {
    name: 'sum',
    strategies: ['chain-of-thought', 'decomposition', 'falsification', 'self-doubt'],
    numbers: true,
    stepsFor: (steps) => steps,
    make: plainSum,
  },
];

function modular(draw: Draw, shape: Shape, strategy: Strategy): Problem {
  const { modulus } = shape;
  const ordinary = shape.above ?? shape.largest;
  const factors = Array.from({ length: ordinary + 1 }, (_, factor) => factor).filter(
    (factor) => factor > 1 && factor % modulus > 1 && commonDivisor(factor, modulus) <= 2,
  );
  const chain = drawChain(draw, shape, { modulus, factors, strategy });
  const expression = expressionOf(chain);
  return {
    question: draw.pick([
      `What is ${expression} mod ${modulus}, left to right?`,
      `Mod ${modulus}, left to right: ${expression} = ?`,
    ]),
    answer: answerOf(chain),
    thoughts: thoughtsOn(draw, chain, strategy),
    identity: `${expression} mod ${modulus}`,
  };
}

function plainSum(draw: Draw, shape: Shape, strategy: Strategy): Problem {
  const chain = drawChain(draw, shape, { modulus: null, factors: [], strategy });
  const expression = expressionOf(chain);
  return {
    question: draw.pick([`What is ${expression}?`, `${expression} = ?`]),
    answer: answerOf(chain),
    thoughts: thoughtsOn(draw, chain, strategy),
    identity: expression,
  };
}

function answerOf(chain: Chain): string {
  return String(valuesOf(chain).at(-1)!);
}

function thoughtsOn(draw: Draw, chain: Chain, strategy: Strategy): readonly Thought[] {
  if (strategy === 'decomposition') return decomposed(chain);
  if (strategy === 'falsification') return falsified(draw, chain);
  if (strategy === 'expert') return reducedOnce(chain);
  return strategy === 'self-doubt' ? doubted(chain) : stepwise(chain);
}
