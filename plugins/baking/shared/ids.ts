import type { BakingExample } from '../../../core/contracts/baking.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';

/** What tokenising takes. */
export type Encoder = Pick<Tokenizer, 'encode' | 'special'>;

/** An example as ids. */
export interface ExampleIds {
  /** What is read before, with the start of the document where the tokenizer has one; the teacher's with the prompt. */
  readonly read: { readonly model: readonly number[]; readonly teacher: readonly number[] };
  /** Trace, output and the end of the document. */
  readonly written: readonly number[];
  /** Places of `written` that are not learnt. */
  readonly given: readonly number[];
}

/** Every part is encoded apart, so that it has the same ids whatever stands beside it, as in generation. */
export function idsOf(example: BakingExample, tokenizer: Encoder): ExampleIds {
  const { eos } = tokenizer.special;
  const { trace, output, written, given = [] } = example;
  return {
    read: example.read ?? readOf(example, tokenizer),
    given,
    written: written ?? [
      ...tokenizer.encode(trace, { specials: true }),
      ...tokenizer.encode(output),
      ...(eos === null ? [] : [eos]),
    ],
  };
}

function readOf({ prompt, input }: BakingExample, { encode, special }: Encoder): ExampleIds['read'] {
  const start = special.bos === null ? [] : [special.bos];
  const own = encode(input);
  return {
    model: [...start, ...own],
    teacher: [...start, ...(prompt === null ? [] : encode(prompt)), ...own],
  };
}

/** What a row is filled up with. */
export function padOf({ special }: Encoder): number {
  return special.pad ?? special.eos ?? 0;
}
