import type { Draw } from '../../../../../nn/random/index.js';
import type { Kind, Problem, Shape, Thought } from '../problem.js';

/**
 * Which of two bags, equally likely before, did the draws come from? Bags have the same number of balls, so the ways to
 * draw what was drawn are the weights after the evidence.
 */
export const BAGS: Kind = {
  name: 'bags',
  strategies: ['bayesian'],
  numbers: true,
  // a draw is a multiplication for each bag
  stepsFor: (steps) => Math.max(2, Math.ceil(steps / 2)),
  make: bags,
};

const LETTERS = [...'BCDFGHJKLMNPQRSTVWXYZ'];
const COLORS = ['red', 'blue', 'green', 'black'];

interface Bag {
  readonly name: string;
  /** Balls of each colour. */
  readonly balls: readonly [number, number];
}

function bags(draw: Draw, { steps, largest, above }: Shape): Problem {
  const colors = draw.several(COLORS, 2);
  for (;;) {
    const pair = pairOf(draw, largest, above);
    const drawn = Array.from({ length: steps }, () => draw.between(0, 1));
    const [one, other] = pair.map(({ balls }) => weightsOf(balls, drawn).at(-1)!) as [number, number];
    if (one === other) continue;
    const winner = one > other ? pair[0]! : pair[1]!;
    const answer = `${winner.name} ${Math.max(one, other)}`;
    const evidence = drawn.map((color) => colors[color]).join(', ');
    const inside = pair.map(
      ({ name, balls }) => `Bag ${name}: ${balls[0]} ${colors[0]} ${balls[1]} ${colors[1]}.`,
    );
    return {
      question: `${inside.join(' ')} Drawn and put back: ${evidence}. ${draw.pick([
        'Which bag fits best, and in how many ways?',
        'Give the likelier bag and its number of ways.',
      ])}`,
      answer,
      thoughts: [...updates(pair, drawn), ['<step>', answer]],
      identity: `${pair.map(({ balls }) => balls.join('-')).join(' ')} ${drawn.join('')}`,
    };
  }
}

/** Two different bags of the same size. */
function pairOf(draw: Draw, largest: number, above: number | null): readonly Bag[] {
  const names = draw.several(LETTERS, 2);
  const size = draw.between(above === null ? Math.min(4, largest + 1) : above + 2, largest + 1);
  const first = draw.between(above === null ? 1 : above + 1, size - 1);
  const second = draw.between(1, size - 1);
  const counts = draw.several([first, second], 2);
  return counts.map((count, index) => ({ name: names[index]!, balls: [count, size - count] }));
}

/** After the first draw, after the second, ... */
function weightsOf(balls: readonly number[], drawn: readonly number[]): readonly number[] {
  return drawn.reduce<number[]>((weights, color) => [...weights, (weights.at(-1) ?? 1) * balls[color]!], []);
}

/** `<reason>K=3 M=1<reason>K=3*1=3 M=1*3=3`: the weight of each bag after each draw. */
function updates(pair: readonly Bag[], drawn: readonly number[]): readonly Thought[] {
  return drawn.map((color, index): Thought => {
    const after = pair.map(({ name, balls }) => {
      const weights = weightsOf(balls, drawn);
      const product = index === 0 ? '' : `${weights[index - 1]}*${balls[color]}=`;
      return `${name}=${product}${weights[index]}`;
    });
    return ['<reason>', after.join(' ')];
  });
}
