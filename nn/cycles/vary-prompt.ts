import type { RandomStream } from '../../core/contracts/merge.js';
import { Draw } from '../random/draw.js';
import { isPrompt, joinSentences, promptKey, sentencesOf } from './prompt-text.js';

export interface VariationSettings {
  /** Sentences that mutations put in, each one printable line. */
  readonly fragments: readonly string[];
  readonly mostWords: number;
}

/**
 * A text that differs in one sentence: a fragment put in, a sentence taken out, one put in the place of another, or two neighbours
 * swapped. Each kind of change that is possible is as likely as the others, and each change of a kind.
 *
 * @returns null where nothing can be changed within `mostWords`
 * @throws RangeError for a fragment that is not one printable line
 */
export function mutate(
  text: string,
  random: RandomStream,
  { fragments, mostWords }: VariationSettings,
): string | null {
  const unfit = fragments.find((fragment) => !isPrompt(fragment, Infinity));
  if (unfit !== undefined) throw new RangeError(`"${unfit}" is not one printable line`);
  const sentences = sentencesOf(text);
  const kinds = [
    withFragment(sentences, fragments),
    ...[withoutOne(sentences), replaced(sentences, fragments), swapped(sentences)],
  ]
    .map((variants) => fit(variants, [text], mostWords))
    .filter((variants) => variants.length > 0);
  const draw = new Draw(random);
  return kinds.length === 0 ? null : draw.pick(draw.pick(kinds));
}

/**
 * The beginning of one text and the end of the other, each of at least a sentence, none of them twice. All places to cut are
 * equally likely.
 *
 * @returns null where nothing new within `mostWords` comes of it
 */
export function recombine(
  a: string,
  b: string,
  random: RandomStream,
  { mostWords }: Pick<VariationSettings, 'mostWords'>,
): string | null {
  const [first, second] = [sentencesOf(a), sentencesOf(b)];
  const children = first.flatMap((_, i) =>
    second.map((_, j) => [...first.slice(0, i + 1), ...second.slice(j)]),
  );
  const fitting = fit(children, [a, b], mostWords);
  return fitting.length === 0 ? null : new Draw(random).pick(fitting);
}

type Sentences = readonly string[];

function withFragment(sentences: Sentences, fragments: Sentences): Sentences[] {
  const places = Array.from({ length: sentences.length + 1 }, (_, at) => at);
  return fragments.flatMap((one) => places.map((at) => sentences.toSpliced(at, 0, one)));
}

function withoutOne(sentences: Sentences): Sentences[] {
  return sentences.map((_, at) => sentences.toSpliced(at, 1));
}

function replaced(sentences: Sentences, fragments: Sentences): Sentences[] {
  return fragments.flatMap((one) => sentences.map((_, at) => sentences.toSpliced(at, 1, one)));
}

function swapped(sentences: Sentences): Sentences[] {
  return sentences.slice(1).map((second, at) => sentences.toSpliced(at, 2, second, sentences[at]!));
}

/** Those that are prompts and neither one of `old` nor say a sentence twice; of equal ones the first. */
function fit(variants: readonly Sentences[], old: readonly string[], mostWords: number): string[] {
  const seen = new Set(old.map(promptKey));
  return variants.flatMap((sentences) => {
    const text = joinSentences(sentences);
    const key = promptKey(text);
    if (seen.has(key) || repeats(sentences) || !isPrompt(text, mostWords)) return [];
    seen.add(key);
    return [text];
  });
}

function repeats(sentences: Sentences): boolean {
  return new Set(sentences.map(promptKey)).size < sentences.length;
}
