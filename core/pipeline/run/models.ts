import type { ModelRef } from '../../contracts/index.js';
import type { Run } from './run.js';

/**
 * Put a model into the registry, unless this session put the same weights there before it was interrupted.
 * @returns whether it is new
 * @throws ForgeError AF_REGISTRY_DUPLICATE when the id stands for something else
 */
export async function registerModel({ registry, sessionId }: Run, model: ModelRef): Promise<boolean> {
  const known = await registry.model(model.id);
  const same = known?.metadata.session_id === sessionId && known.weights.sha256 === model.weights.sha256;
  if (same) return false;
  await registry.registerModel(model);
  return known === null;
}
