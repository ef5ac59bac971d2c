import type { ModelRef, PhaseResult } from '../../contracts/index.js';
import type { Run } from './run.js';

/**
 * Put the models of a result and of its handoff into the registry and tell of the new ones: nobody else does. A phase
 * that is repeated after a kill finds its own there.
 * @throws ForgeError AF_REGISTRY_DUPLICATE when an id stands for something else
 */
export async function registerModels(run: Run, phase: string, result: PhaseResult): Promise<void> {
  for (const model of [...result.models, ...(result.handoff?.models ?? [])]) {
    if (!(await register(run, model))) continue;
    const facts = modelFacts(model);
    run.core.bus.emit({ type: 'lifecycle', event: 'model', phase, facts, time: Date.now() });
  }
}

/** Unless this session put the same weights there before it was interrupted. @returns whether it is new */
async function register({ registry, sessionId }: Run, model: ModelRef): Promise<boolean> {
  const known = await registry.model(model.id);
  const same = known?.metadata.session_id === sessionId && known.weights.sha256 === model.weights.sha256;
  if (same) return false;
  await registry.registerModel(model);
  return known === null;
}

function modelFacts({ id, name, metadata }: ModelRef): Readonly<Record<string, unknown>> {
  const { parameters, size_mb, sha256, format, specialization } = metadata;
  return { id, name, parameters, size_mb, sha256, format, specialization };
}
