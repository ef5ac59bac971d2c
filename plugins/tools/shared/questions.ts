import type { Difficulty, TaskSide, ToolQuestion } from '../../../core/contracts/tool.js';
import { phrased } from '../../../nn/curriculum/index.js';
import { streamKey, wordAt, type Draw } from '../../../nn/random/index.js';

/** One of so many arguments is held out. */
const HELD_OUT_ONE_IN = 4;

/** Draws after which a generator that never meets the wanted side is taken for broken. */
const MOST_DRAWS = 10_000;

/** A whole number that grows with the difficulty, from `low` at 1 to `high` at 100. */
export function scaled(difficulty: Difficulty, low: number, high: number): number {
  const share = (Math.min(100, Math.max(1, difficulty)) - 1) / 99;
  return Math.round(low + (high - low) * share);
}

/** Which side arguments belong to, by their hash: whoever draws them, with whatever seed. */
export function sideOf(args: string): TaskSide {
  return hashOf('tool-side', args) % HELD_OUT_ONE_IN === 0 ? 'held-out' : 'train';
}

/** Draws until the arguments belong to the side. */
export function drawOn(side: TaskSide, draw: () => string): string {
  for (let i = 0; i < MOST_DRAWS; i++) {
    const args = draw();
    if (sideOf(args) === side) return args;
  }
  throw new Error(`no arguments of the side ${side} in ${MOST_DRAWS} draws`);
}

/** Things that can be asked for, on two sides. */
export type Sides<T> = Readonly<Record<TaskSide, readonly T[]>>;

/**
 * Parts a given list of things by the hashes of their keys: the quarter with the lowest ones is held out, so that
 * neither side is empty where there are two things or more.
 */
export function partBySides<T>(things: readonly T[], key: (thing: T) => string): Sides<T> {
  const sorted = things
    .map((thing) => ({ thing, hash: hashOf('tool-side', key(thing)) }))
    .sort((a, b) => a.hash - b.hash)
    .map(({ thing }) => thing);
  const heldOut = Math.min(sorted.length - 1, Math.ceil(sorted.length / HELD_OUT_ONE_IN));
  return { 'held-out': sorted.slice(0, Math.max(0, heldOut)), train: sorted.slice(Math.max(0, heldOut)) };
}

/** Of kinds that are ordered by how hard they are, the one for a difficulty. @param kinds at least one */
export function kindAt<T>(kinds: readonly T[], difficulty: Difficulty): T {
  return kinds[Math.min(kinds.length - 1, Math.floor((difficulty * kinds.length) / 101))]!;
}

/** Questions as templates, which the two sides do not share. */
export interface Wordings<T> extends Readonly<Record<TaskSide, readonly ((about: T) => string)[]>> {
  /** Names of what is asked for, "the value of 3+4": those that are trained on stand in many other sentences, too. */
  readonly things: readonly ((about: T) => string)[];
}

/** Share of the questions of training that are made of a thing and any sentence. */
const PHRASED = 0.6;

/** Share of the questions of training that are typed as people type to a machine: small, without a mark at the end. */
const CASUAL = 0.15;

export function worded<T>(
  draw: Draw,
  wordings: Wordings<T>,
  side: TaskSide,
  about: T,
  args: string,
): ToolQuestion {
  if (side === 'held-out') return { question: draw.pick(wordings[side])(about), args };
  const things = wordings.things.map((thing) => thing(about));
  const question = draw.chance(PHRASED) ? phrased(draw, things) : draw.pick(wordings[side])(about);
  return { question: draw.chance(CASUAL) ? casual(question, args) : question, args };
}

/** The first letter stays where its word is one that the tool is given. */
function casual(question: string, args: string): string {
  const [first] = question.split(/\W/);
  const begin = args.includes(first!) ? question[0]! : question[0]!.toLowerCase();
  return `${begin}${question.slice(1).replace(/[?.]$/, '')}`;
}
/** One of the items, always the same one for the same name. */
export function itemOf<T>(items: readonly T[], ...name: readonly string[]): T {
  return items[hashOf('tool-world', ...name) % items.length]!;
}

/** A whole number from `low` to `high`, always the same one for the same name. */
export function numberOf(low: number, high: number, ...name: readonly string[]): number {
  return low + (hashOf('tool-world', ...name) % (high - low + 1));
}

function hashOf(...path: readonly string[]): number {
  return wordAt(streamKey(0, ...path), 0);
}
