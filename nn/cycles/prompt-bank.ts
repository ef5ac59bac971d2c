import type { RandomStream } from '../../core/contracts/merge.js';
import { Draw } from '../random/draw.js';
import { isPrompt, promptKey } from './prompt-text.js';
import { mutate, recombine, type VariationSettings } from './vary-prompt.js';

/** Where a text is from; `own`: the model wrote it. */
export type PromptOrigin = 'seed' | 'mutated' | 'recombined' | 'own';

export interface Prompt {
  readonly text: string;
  readonly origin: PromptOrigin;
  /** Texts that it was made of. */
  readonly parents: readonly string[];
}

export interface BankedPrompt extends Prompt {
  /** Mean over its measurements of the score with it less the score without; null: never measured. */
  readonly effect: number | null;
  readonly measurements: number;
}

/** A population of prompts, no two of them alike. JSON. */
export interface PromptBank {
  /** Most prompts in it. */
  readonly size: number;
  /** Most words of each. */
  readonly mostWords: number;
  /** The best first. */
  readonly prompts: readonly BankedPrompt[];
  /** Prompts that others were better than, by their words: they are not made again. */
  readonly dropped: readonly string[];
}

export interface BankSettings {
  /** Most prompts. Default 16. */
  readonly size?: number;
  /** Most words of each. Default 40. */
  readonly mostWords?: number;
}

export interface OffspringSettings extends Pick<VariationSettings, 'fragments'> {
  readonly count: number;
  /** Share that is made of two parents where there are two; the rest mutates one. Default 0.5. */
  readonly recombined?: number;
  /** Texts that are tried already: none is made again. */
  readonly tried?: readonly string[];
}

const SIZE = 16;
const MOST_WORDS = 40;
/** Attempts for each text that is wanted. */
const PATIENCE = 20;

/**
 * A bank of texts that nothing is known of yet; of texts with the same words the first.
 * @throws RangeError when one is not a printable line of 1 to `mostWords` words, and for none or more than fit
 */
export function seedBank(texts: readonly string[], settings: BankSettings = {}): PromptBank {
  const { size = SIZE, mostWords = MOST_WORDS } = settings;
  const prompts = distinct(texts).map((text): BankedPrompt => {
    requirePrompt(text, mostWords);
    return { text, origin: 'seed', parents: [], effect: null, measurements: 0 };
  });
  if (prompts.length === 0 || prompts.length > size)
    throw new RangeError(`${prompts.length} different texts for a bank of 1 to ${size}`);
  return { size, mostWords, prompts, dropped: [] };
}

/**
 * The bank after a prompt was measured: a known text keeps the mean of its measurements, a new one joins. The bank is kept in the
 * order of effects, what was never measured counting as 0, and what is beyond its size is dropped; of equal ones the older
 * stays.
 *
 * @param effect score with the prompt less the score without, on the same items
 * @throws RangeError for a text that the bank cannot hold, and an effect that is no number
 */
export function withEffect(bank: PromptBank, prompt: Prompt, effect: number): PromptBank {
  requirePrompt(prompt.text, bank.mostWords);
  if (!Number.isFinite(effect)) throw new RangeError(`${effect} is no effect`);
  const key = promptKey(prompt.text);
  const known = bank.prompts.find(({ text }) => promptKey(text) === key);
  const others = bank.prompts.filter((one) => one !== known);
  const measured = measuredAgain(known ?? { ...prompt, effect: null, measurements: 0 }, effect);
  const place = known === undefined ? others.length : bank.prompts.indexOf(known);
  const ranked = others.toSpliced(place, 0, measured).sort((a, b) => (b.effect ?? 0) - (a.effect ?? 0));
  const left = ranked.slice(bank.size).map(({ text }) => promptKey(text));
  return {
    ...bank,
    prompts: ranked.slice(0, bank.size),
    dropped: [...bank.dropped.filter((one) => one !== key), ...left],
  };
}

/**
 * New prompts made of those of the bank: parents win a tournament of two by their effect. All differ from the bank, from what it
 * dropped, and from each other.
 *
 * @returns fewer than `count` where no more is found
 */
export function offspring(bank: PromptBank, random: RandomStream, settings: OffspringSettings): Prompt[] {
  const { count, fragments, recombined = 0.5, tried = [] } = settings;
  const { mostWords } = bank;
  const texts = [...bank.prompts.map(({ text }) => text), ...tried];
  const seen = new Set([...texts.map(promptKey), ...bank.dropped]);
  const draw = new Draw(random);
  const made: Prompt[] = [];
  for (let attempt = 0; attempt < PATIENCE * count && made.length < count; attempt++) {
    const first = winner(bank.prompts, draw);
    const rest = bank.prompts.filter((one) => one !== first);
    const second = rest.length > 0 && draw.chance(recombined) ? winner(rest, draw) : null;
    const text =
      second === null
        ? mutate(first.text, random, { fragments, mostWords })
        : recombine(first.text, second.text, random, { mostWords });
    if (text === null || seen.has(promptKey(text))) continue;
    seen.add(promptKey(text));
    const [origin, parents] =
      second === null ? (['mutated', [first]] as const) : (['recombined', [first, second]] as const);
    made.push({ text, origin, parents: parents.map((parent) => parent.text) });
  }
  return made;
}

/** The better of two that are drawn: they stand in the order of their effects. */
function winner(prompts: readonly BankedPrompt[], draw: Draw): BankedPrompt {
  const places = draw.several([...prompts.keys()], 2);
  return prompts[Math.min(...places)]!;
}

function measuredAgain(prompt: BankedPrompt, effect: number): BankedPrompt {
  const { measurements, effect: mean } = prompt;
  return {
    ...prompt,
    effect: ((mean ?? 0) * measurements + effect) / (measurements + 1),
    measurements: measurements + 1,
  };
}

function distinct(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const key = promptKey(text);
    return seen.has(key) ? false : seen.add(key);
  });
}

function requirePrompt(text: string, mostWords: number): void {
  if (!isPrompt(text, mostWords))
    throw new RangeError(`${JSON.stringify(text)} is not one printable line of 1 to ${mostWords} words`);
}
