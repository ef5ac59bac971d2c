import { packWholeDocuments } from '../../../nn/data/index.js';
import { gradientNorms } from '../../../nn/training/index.js';
import { bakingBatches } from '../shared/baking/rows.js';
import { wayOf } from './lessons.js';
import type { LevelList } from './lists.js';
import type { CurriculumRun } from './prepare.js';
import { referenceDocument } from '../shared/tasks/prompts.js';
import type { Forge } from './training.js';

/**
 * How much the size of the gradient varies from batch to batch of each level's held-out tasks, by the weights as they are;
 * nothing is learnt of them. Null where fewer than two batches are full of tasks.
 */
export async function gradientVariances(
  run: CurriculumRun,
  forge: Forge,
  lists: readonly LevelList[],
): Promise<(number | null)[]> {
  const found: (number | null)[] = [];
  for (const list of lists) {
    const norms: number[] = [];
    for (const batch of batchesOf(run, list)) {
      const [readable] = forge.readable([batch]);
      norms.push(Math.hypot(...Object.values(await gradientNorms(forge.trainer, readable!))));
      await run.ctx.pausePoint(() => Promise.resolve());
    }
    found.push(varianceOf(norms));
  }
  return found;
}

function batchesOf({ language, measuring }: CurriculumRun, { asked }: LevelList) {
  const { rows: size, length } = measuring.training;
  const { pad, eos } = language.tokenizer.special;
  const documents = asked.map((one) => referenceDocument(language, one, wayOf(one)));
  const { rows } = packWholeDocuments(documents, length, pad ?? eos ?? 0);
  return bakingBatches({ rows: rows.slice(0, rows.length - (rows.length % size)), extras: {} }, size);
}

/** Of a sample, with n - 1; null for fewer than two values. */
export function varianceOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
