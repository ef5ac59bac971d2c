import type { Draw } from '../random/index.js';

/** Sentences that ask for a thing. */
const FRAMES: readonly ((thing: string) => string)[] = [
  (thing) => `What is ${thing}?`,
  (thing) => `Tell me ${thing}.`,
  (thing) => `Give me ${thing}.`,
  (thing) => `Say ${thing}.`,
  (thing) => `I need ${thing}.`,
  (thing) => `Show me ${thing}.`,
  (thing) => `Please get ${thing}.`,
  (thing) => `I want ${thing}.`,
  (thing) => `I am looking for ${thing}.`,
  (thing) => `Could you give me ${thing}?`,
  (thing) => `Can you say ${thing}?`,
  (thing) => `Do you know ${thing}?`,
  (thing) => `Let me have ${thing}.`,
  (thing) => `We need ${thing}, please.`,
  (thing) => `Help me with ${thing}.`,
  (thing) => `My question is ${thing}.`,
  (thing) => `Now I ask for ${thing}.`,
  (thing) => `Bring me ${thing}.`,
  (thing) => `I would like ${thing}.`,
  (thing) => `Hello, what is ${thing}?`,
];

/**
 * Ask for one of the things in one of twenty sentences: a model that has learnt a few phrasings of a question by heart does
 * not know the next one, and one that has learnt a hundred does.
 *
 * @param things the same by several names: "3+4", "the value of 3+4"
 */
export function phrased(draw: Draw, things: readonly string[]): string {
  return draw.pick(FRAMES)(draw.pick(things));
}

/** Sentences that say what a tool is for. */
const MANUALS: readonly ((tag: string, purpose: string) => string)[] = [
  (tag, purpose) => `${tag} is for ${purpose}.`,
  (tag, purpose) => `For ${purpose} there is ${tag}.`,
  (tag, purpose) => `Ask ${tag} about ${purpose}.`,
  (tag, purpose) => `You may use ${tag} for ${purpose}.`,
  (tag, purpose) => `Here is ${tag}, for ${purpose}.`,
  (tag, purpose) => `If you need ${purpose}, call ${tag}.`,
  (tag, purpose) => `With ${tag} you get ${purpose}.`,
  (tag, purpose) => `There is a tool for ${purpose}: ${tag}.`,
  (tag, purpose) => `You can get ${purpose} from ${tag}.`,
  (tag, purpose) => `${tag} helps with ${purpose}.`,
];

/** Manuals of a tool in ten sentences for each of its purposes. @param tag token that names it */
export function manualsOf(tag: string, purposes: readonly string[]): string[] {
  return purposes.flatMap((purpose) => MANUALS.map((frame) => frame(tag, purpose)));
}
