import { ForgeError } from '../../../core/errors/index.js';
import type { ModelShape } from '../shared/model/shape.js';
import { lengthProblems } from '../shared/plan.js';
import type { BitnetOptions } from './options.js';
import { layerMap } from './layer-map.js';

/** Refuse formats and sizes that the model cannot have, before anything is measured. @throws ForgeError AF_CONFIG_INVALID */
export function requireFit({ recovery, formats }: BitnetOptions, model: ModelShape): void {
  layerMap(model.tensors, formats);
  const problems = lengthProblems(recovery.training.length, model, 'phases.bitnet.recovery.training.length');
  if (problems.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'The model cannot be trained as it is asked for.', { problems });
}
