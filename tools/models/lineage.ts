import type { ModelRef } from '../../core/contracts/model.js';
import type { Registry } from '../../core/contracts/registry.js';

/** A model and everything it descends from, nearest first; parents that are gone from the registry by id alone. */
export async function lineageOf(registry: Registry, model: ModelRef): Promise<readonly Ancestor[]> {
  const ancestors: Ancestor[] = [];
  const seen = new Set([model.id]);
  let generation = model.metadata.parent_model_ids;
  for (let depth = 1; generation.length > 0; depth++) {
    const next: string[] = [];
    for (const id of generation.filter((parent) => !seen.has(parent))) {
      seen.add(id);
      const parent = await registry.model(id);
      ancestors.push({ id, depth, phase: parent?.metadata.phase_name ?? null, known: parent !== null });
      next.push(...(parent?.metadata.parent_model_ids ?? []));
    }
    generation = next;
  }
  return ancestors;
}

export interface Ancestor {
  readonly id: string;
  /** 1 for a parent, 2 for a parent's parent. */
  readonly depth: number;
  readonly phase: string | null;
  /** Whether the registry still has it. */
  readonly known: boolean;
}
