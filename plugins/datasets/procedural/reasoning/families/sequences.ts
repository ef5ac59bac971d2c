import type { Draw } from '../../../../../nn/random/index.js';
import type { Kind, Problem, Shape, Strategy, Thought } from '../problem.js';

/** Numbers to continue that no single difference explains. */
export const SEQUENCES: readonly Kind[] = [
  kind('alternating', ['chain-of-thought', 'falsification', 'expert', 'self-doubt'], alternating),
  kind('growing', ['chain-of-thought', 'falsification', 'expert', 'self-doubt'], growing),
  kind('interleaved', ['chain-of-thought', 'decomposition', 'self-doubt'], interleaved),
];

/** Terms shown, then the one asked for, with the thoughts of a plain chain and of the expert. */
interface Sequence {
  readonly terms: readonly number[];
  readonly chain: readonly Thought[];
  readonly expert?: readonly Thought[];
  readonly parts?: readonly Thought[];
}

function kind(name: string, strategies: readonly Strategy[], build: Build): Kind {
  return {
    name,
    strategies,
    numbers: true,
    // five terms are the fewest that one rule alone explains
    stepsFor: (steps) => 4 + Math.ceil(steps / 2),
    make: (draw, shape, strategy) => problem(draw, build(draw, shape), strategy),
  };
}

type Build = (draw: Draw, shape: Shape) => Sequence;

function problem(draw: Draw, sequence: Sequence, strategy: Strategy): Problem {
  const shown = sequence.terms.slice(0, -1).join(' ');
  return {
    question: draw.pick([`What comes next: ${shown}?`, `Continue ${shown}.`]),
    answer: String(sequence.terms.at(-1)!),
    thoughts: thoughtsOn(sequence, strategy),
    identity: shown,
  };
}

function thoughtsOn({ terms, chain, expert, parts }: Sequence, strategy: Strategy): readonly Thought[] {
  if (strategy === 'expert') return expert!;
  if (strategy === 'decomposition') return parts!;
  if (strategy === 'self-doubt') return [...chain, ...checked(chain, terms.at(-1)!)];
  return strategy === 'falsification' ? [falsified(terms), ...chain] : chain;
}

/** `<falsify>5+3=8!=4`: the first difference again does not give the third term. */
function falsified([first, second, third]: readonly number[]): Thought {
  const difference = signed(second! - first!);
  return ['<falsify>', `${second}${difference}=${2 * second! - first!}!=${third}`];
}

/** `<doubt>9-3=6<step>9`: the last equation backwards. */
function checked(chain: readonly Thought[], answer: number): readonly Thought[] {
  const [, a, sign, b] = /(\d+)([-+])(\d+)=\d+$/.exec(String(chain.at(-1)![1]))!;
  return [
    ['<doubt>', `${answer}${sign === '+' ? '-' : '+'}${b}=${a}`],
    ['<step>', answer],
  ];
}

function signed(difference: number): string {
  return difference < 0 ? String(difference) : `+${difference}`;
}

/** The first term: larger ones where they are asked for. */
function firstTerm(draw: Draw, { largest, above }: Shape): number {
  return draw.between(above === null ? 1 : above + 1, largest);
}

/** Terms from differences, the last one included. */
function accumulate(first: number, differences: readonly number[]): readonly number[] {
  return differences.reduce<number[]>((terms, step) => [...terms, terms.at(-1)! + step], [first]);
}

/** Two rules take turns: +5 -2 +5 -2. `<step>+5-2+5-2<step>8+5=13` */
function alternating(draw: Draw, shape: Shape): Sequence {
  const ordinary = shape.above ?? shape.largest;
  const up = draw.between(2, Math.max(3, ordinary));
  const other = draw.chance(0.6) ? -draw.between(1, up - 1) : draw.between(1, up - 1);
  const terms = accumulate(
    firstTerm(draw, shape),
    Array.from({ length: shape.steps }, (_, index) => (index % 2 === 0 ? up : other)),
  );
  const last: Thought = ['<step>', equation(terms.at(-2)!, terms.at(-1)! - terms.at(-2)!)];
  return {
    terms,
    chain: [['<step>', differencesOf(terms)], last],
    expert: [['<expert>', `in turn ${signed(up)}${signed(other)}`], last],
  };
}

/** Differences grow or shrink evenly. `<step>+1+2+3+4<step>4+1=5<step>11+5=16` */
function growing(draw: Draw, shape: Shape): Sequence {
  const smallest = draw.between(1, 5);
  const by = draw.between(1, 3);
  const grows = draw.chance(0.6);
  const upwards = Array.from({ length: shape.steps }, (_, index) => smallest + by * index);
  const differences = grows ? upwards : upwards.reverse();
  const terms = accumulate(firstTerm(draw, shape), differences);
  const [before, next] = differences.slice(-2) as [number, number];
  const end: readonly Thought[] = [
    ['<step>', equation(before, next - before)],
    ['<step>', equation(terms.at(-2)!, next)],
  ];
  return {
    terms,
    chain: [['<step>', differencesOf(terms)], ...end],
    expert: [
      ['<expert>', `step ${grows ? 'grows' : 'shrinks'} ${by}`],
      ['<step>', `${terms.at(-2)}-${terms.at(-3)}=${before}`],
      ...end,
    ],
  };
}

/** "+3-1+3-1": the differences of the terms shown. */
function differencesOf(terms: readonly number[]): string {
  return terms
    .slice(1, -1)
    .map((term, index) => signed(term - terms[index]!))
    .join('');
}

function equation(from: number, difference: number): string {
  return `${from}${signed(difference)}=${from + difference}`;
}

/** Two even sequences, term by term. `<step>2+2=4<step>4+2=6<step>6+2=8`, or the parts: `<mece>2 4 6<mece>9 8<step>8-1=7` */
function interleaved(draw: Draw, shape: Shape): Sequence {
  const [one, other] = draw.several([-3, -2, -1, 1, 2, 3, 4, 5], 2) as [number, number];
  const each = Math.ceil((shape.steps + 1) / 2);
  const start = (first: number, step: number): number => first + Math.max(0, -step * each);
  const starts = [firstTerm(draw, shape), draw.between(1, shape.above ?? shape.largest)];
  const parts = [one, other].map((step, index) =>
    Array.from({ length: each }, (_, place) => start(starts[index]!, step) + step * place),
  );
  const terms = Array.from({ length: shape.steps + 1 }, (_, index) => parts[index % 2]![index >> 1]!);
  const asked = parts[shape.steps % 2]!.slice(0, (shape.steps >> 1) + 1);
  const step = [one, other][shape.steps % 2]!;
  return {
    terms,
    chain: asked.slice(0, -1).map((term): Thought => ['<step>', equation(term, step)]),
    parts: [
      ...[0, 1].map((side): Thought => [
        '<mece>',
        terms
          .slice(0, -1)
          .filter((_, i) => i % 2 === side)
          .join(' '),
      ]),
      ['<step>', equation(asked.at(-2)!, step)],
    ],
  };
}
