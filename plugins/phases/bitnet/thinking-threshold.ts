import { calibrateThreshold, normalisedEntropies, writableIds } from '../../../nn/generation/index.js';
import { generatorOptions } from '../shared/evaluation/sample.js';
import type { LiveModel } from '../shared/model/open.js';
import type { BitnetRun } from './prepare.js';

/**
 * Normalised entropy above which the packed model thinks in the midst of text: where it has as large a share of the places
 * above it as the model that came in has above its own. Training moves how sure a model is, and not where it should think.
 */
export async function thinkingThreshold(run: BitnetRun, model: LiveModel): Promise<number> {
  const { threshold } = run.teacher.ref.metadata.thoughts!;
  if (threshold >= 1) return threshold;
  const before = await entropiesOf(run, run.teacher);
  const below = before.filter((entropy) => entropy <= threshold).length / before.length;
  if (below === 0 || below === 1) return threshold;
  return calibrateThreshold(await entropiesOf(run, model), below);
}

async function entropiesOf({ ctx, text, tokenizer }: BitnetRun, model: LiveModel) {
  const { batches, rows, length } = text.selection;
  const options = await generatorOptions(ctx, model);
  return normalisedEntropies(options, batches, [rows, length], writableIds(tokenizer.tokenizer));
}
