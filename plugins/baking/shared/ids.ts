import type { BakingExample } from '../../../core/contracts/baking.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';

/** What tokenising takes. */
export type Encoder = Pick<Tokenizer, 'encode' | 'special'>;

/** An example as ids. */
export interface ExampleIds {
  /** Start of a document; empty where the tokenizer has none. */
  readonly start: readonly number[];
  readonly prompt: readonly number[];
  readonly input: readonly number[];
  /** Trace, output and the end of the document. */
  readonly written: readonly number[];
}

/** Every part is encoded apart, so that it has the same ids whatever stands beside it, as in generation. */
export function idsOf(example: BakingExample, tokenizer: Encoder): ExampleIds {
  const { bos, eos } = tokenizer.special;
  const { prompt, input, trace, output, written } = example;
  return {
    start: bos === null ? [] : [bos],
    prompt: prompt === null ? [] : tokenizer.encode(prompt),
    input: tokenizer.encode(input),
    written: written ?? [
      ...tokenizer.encode(trace, { specials: true }),
      ...tokenizer.encode(output),
      ...(eos === null ? [] : [eos]),
    ],
  };
}

/** What a row is filled up with. */
export function padOf({ special }: Encoder): number {
  return special.pad ?? special.eos ?? 0;
}
