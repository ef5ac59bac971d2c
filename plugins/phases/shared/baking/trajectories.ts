import type { BakingExample, Trajectories } from '../../../../core/contracts/baking.js';
import type { ControlContext, ResolveContext } from '../../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { generateBatch } from '../../../../nn/generation/index.js';
import { stream } from '../../../../nn/random/index.js';
import { generatorOptions } from '../evaluation/sample.js';
import type { LiveModel } from '../model/open.js';

/** How continuations are written. */
export interface WritingOptions extends Trajectories {
  /** Texts at a time. */
  readonly rows: number;
  readonly seed: number;
  /** Names the numbers that are drawn: `train`, `held-out`. */
  readonly side: string;
}

/** A continuation to be written. */
interface Order {
  readonly example: BakingExample;
  readonly ids: readonly number[];
  /** Its numbers. */
  readonly path: readonly [example: number, copy: number];
}

type Writing = Pick<ResolveContext, 'engine'> & Pick<ControlContext, 'pausePoint'>;

/**
 * Examples without an output, each continued some times by the model that reads its prompt, at its last recursion step;
 * the others as they are. What does not fit the context, or ends before it has begun, is left out.
 */
export async function withTrajectories(
  ctx: Writing,
  { model, tokenizer }: { readonly model: LiveModel; readonly tokenizer: Tokenizer },
  examples: readonly BakingExample[],
  { perExample, temperatures, ...options }: WritingOptions,
): Promise<BakingExample[]> {
  const { halt: _, ...teacher } = model;
  const written: (readonly BakingExample[])[] = examples.map((example) => (isOpen(example) ? [] : [example]));
  for (const [turn, temperature] of temperatures.entries()) {
    const orders = examples.flatMap((example, i) =>
      isOpen(example)
        ? copiesOf(perExample, turn, temperatures.length).map((copy): Order => {
            return { example, ids: promptOf(example, tokenizer), path: [i, copy] };
          })
        : [],
    );
    const texts = await continued(ctx, teacher, tokenizer, orders, { ...options, temperature });
    orders.forEach(({ example, path: [i] }, k) => {
      const ids = texts[k]!;
      if (ids.length > 0) written[i] = [...written[i]!, { ...example, written: ids }];
    });
  }
  return written.flat();
}

function isOpen({ output, written }: BakingExample): boolean {
  return output === '' && written === undefined;
}

/** The copies, of all, that a temperature has. */
function copiesOf(all: number, turn: number, turns: number): number[] {
  return Array.from({ length: all }, (_, copy) => copy).filter((copy) => copy % turns === turn);
}

function promptOf({ prompt, input }: BakingExample, tokenizer: Tokenizer): number[] {
  const { bos } = tokenizer.special;
  return [...(bos === null ? [] : [bos]), ...tokenizer.encode(prompt ?? ''), ...tokenizer.encode(input)];
}

interface Sampling {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly rows: number;
  readonly seed: number;
  readonly side: string;
}

/** Ids of each text with the end of the document, where it ended; none where nothing could be written. */
async function continued(
  ctx: Writing,
  model: LiveModel,
  tokenizer: Tokenizer,
  orders: readonly Order[],
  { temperature, maxTokens, rows, seed, side }: Sampling,
): Promise<number[][]> {
  const { eos: stop } = tokenizer.special;
  const texts = await generateBatch(
    await generatorOptions(ctx, model),
    orders.map(({ ids }) => ids),
    {
      ...{ rows, maxTokens, stop, temperature, topK: null, topP: null },
      vocabulary: tokenizer.vocabularySize,
      // Nothing is saved: what was written is written again, from the same numbers.
      onAnswered: () => ctx.pausePoint(() => Promise.resolve()),
    },
    (index) => stream(seed, 'baking', 'trajectory', side, ...orders[index]!.path),
  );
  return texts.map((ids) => {
    if (ids === null) return [];
    return ids.length < maxTokens && stop !== null ? [...ids, stop] : ids;
  });
}
