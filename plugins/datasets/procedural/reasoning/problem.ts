import type { ThoughtTag } from '../../../../core/contracts/thoughts.js';
import type { Draw } from '../../../../nn/random/index.js';

/** Families of problems, each with steps that are easy one at a time. */
export const FAMILIES = ['arithmetic', 'word-problems', 'logic', 'sequences', 'code', 'lookup'] as const;
export type Family = (typeof FAMILIES)[number];

/** Ways to think, each with a grammar of its own. */
export const STRATEGIES = [
  'chain-of-thought',
  'decomposition',
  'falsification',
  'expert',
  'self-doubt',
  'bayesian',
  'multi-domain',
] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** Stands at the end of a question and says which way of thinking is wanted. */
export const CUES: Readonly<Record<Strategy, string>> = {
  'chain-of-thought': '',
  decomposition: ' Split it up.',
  falsification: ' Rule one out.',
  expert: ' Use a rule.',
  'self-doubt': ' Check it.',
  bayesian: ' Weigh them.',
  'multi-domain': ' See it in two ways.',
};

/** The tag without which a thought does not follow its strategy. */
export const STRATEGY_TAG: Readonly<Record<Strategy, ThoughtTag>> = {
  'chain-of-thought': '<step>',
  decomposition: '<mece>',
  falsification: '<falsify>',
  expert: '<expert>',
  'self-doubt': '<doubt>',
  bayesian: '<reason>',
  'multi-domain': '<reason>',
};

/** How large one problem is. */
export interface Shape {
  /** Steps, as many as the kind counts. */
  readonly steps: number;
  /** Largest number that is drawn; results may be larger. */
  readonly largest: number;
  /** At least one number is larger than this; null where nothing is asked for. */
  readonly above: number | null;
  /** Of modular problems. */
  readonly modulus: number;
}

/** A tag with what follows it. */
export type Thought = readonly [tag: ThoughtTag, text: string | number];

export interface Problem {
  readonly question: string;
  readonly answer: string;
  /** What stands between `<think>` and `</think>`; ends in the answer. */
  readonly thoughts: readonly Thought[];
  /** The same for all wordings and strategies of one problem. */
  readonly identity: string;
}

/** One sub-task of a family. */
export interface Kind {
  readonly name: string;
  readonly strategies: readonly Strategy[];
  /** Whether it has numbers that can be larger. */
  readonly numbers: boolean;
  /** Its own count of steps for a number of steps in general: never falls, at least 2 for 2. */
  readonly stepsFor: (steps: number) => number;
  readonly make: (draw: Draw, shape: Shape, strategy: Strategy) => Problem;
}

/** The thought as text. */
export function traceOf(thoughts: readonly Thought[]): string {
  return `<think>${thoughts.map(([tag, text]) => `${tag}${text}`).join('')}</think>`;
}

/** `count` numbers of 1 to `shape.largest`, the first ones; where larger ones are asked for, one of them is. */
export function numbersFor(draw: Draw, { largest, above }: Shape, count: number): readonly number[] {
  const large = draw.between(0, count - 1);
  return Array.from({ length: count }, (_, place) =>
    draw.between(above !== null && place === large ? above + 1 : 1, largest),
  );
}
