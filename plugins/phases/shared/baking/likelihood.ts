import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { Engine } from '../../../../core/contracts/engine.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import type { Document } from '../../../../nn/data/index.js';
import { DocumentLosses } from '../../../../nn/evaluation/index.js';
import { specsOf } from '../../../../nn/training/index.js';
import type { LiveModel } from '../model/open.js';

/** What reads an example: the model alone, or the teacher with the prompt in front. */
export type Reader = 'model' | 'teacher';

/**
 * Log-likelihood of what each example has written, in nats: the sum over the tokens that are learnt.
 *
 * @param examples with `read` and `written`
 * @param rows at a time
 */
export async function logLikelihoods(
  engine: Engine,
  { architecture, config, weights }: LiveModel,
  examples: readonly BakingExample[],
  {
    reader,
    rows,
    tokenizer,
  }: { readonly reader: Reader; readonly rows: number; readonly tokenizer: Pick<Tokenizer, 'special'> },
): Promise<readonly number[]> {
  const documents = examples.map((example) => documentOf(example, reader));
  const length = Math.max(1, ...documents.map(({ ids }) => ids.length));
  const { pad, eos } = tokenizer.special;
  const state = await engine.createState(weights);
  try {
    const subject = { architecture, config: config.hyperparameters, specs: specsOf(weights) };
    const losses = await DocumentLosses.create(engine, subject, state, { rows, length }, pad ?? eos ?? 0);
    try {
      return (await losses.score(losses.pack(documents))).map(({ sum }) => -sum);
    } finally {
      await losses.dispose();
    }
  } finally {
    await state.dispose();
  }
}

function documentOf({ read, written = [], given = [] }: BakingExample, reader: Reader): Document {
  const before = read![reader];
  const ids = Int32Array.from([...before, ...written]);
  const lossMask = new Uint8Array(ids.length).fill(1, before.length);
  for (const place of given) lossMask[before.length + place] = 0;
  return { ids, lossMask };
}

/**
 * How well likelihoods of the model predict those of its teacher: 1 - sum (t - s)^2 / sum (t - mean t)^2 (Bhargava et al. 2024,
 * figure 4). 1: they are the same; below 0: the mean of the teacher's predicts better; null where the teacher's do not differ.
 */
export function likelihoodFit(teacher: readonly number[], model: readonly number[]): number | null {
  const mean = teacher.reduce((sum, value) => sum + value, 0) / teacher.length;
  const spread = teacher.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const off = teacher.reduce((sum, value, i) => sum + (value - model[i]!) ** 2, 0);
  return teacher.length < 2 || spread === 0 ? null : 1 - off / spread;
}
