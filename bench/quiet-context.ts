import type { Engine } from '../core/contracts/engine.js';
import type { PhaseContext } from '../core/contracts/phase.js';
import type { Overrides } from '../core/contracts/plugin.js';
import type { CheckpointArea } from '../core/contracts/store.js';
import type { Kernel } from '../core/kernel/types.js';
import { validated } from '../core/validation/validated.js';
import { loadValidator } from '../core/validation/validator.js';

export interface QuietContextOptions {
  readonly engine: Engine;
  readonly seed: number;
  readonly phase: string;
  /** Options by the name of what is resolved. */
  readonly overrides?: Readonly<Record<string, Overrides>>;
}

/** A phase's context without a session: no checkpoints are saved, nobody is told. */
export async function quietContextOf(
  kernel: Kernel,
  { engine, seed, phase, overrides = {} }: QuietContextOptions,
): Promise<PhaseContext> {
  const validator = await loadValidator();
  const { artifacts } = await kernel.storage();
  return {
    phase,
    sessionId: 'bench',
    seed,
    log: kernel.log,
    store: artifacts,
    checkpoints: NOWHERE,
    engine: () => Promise.resolve(engine),
    resolve: (token, name, given) => kernel.resolve(token, name, given ?? overrides[name ?? '']),
    names: (token) => kernel.names(token),
    validate: (schema, value, at) => validated(validator, schema, value, at),
    data: { root: kernel.paths.data, cache: kernel.paths.cache },
    configHash: kernel.configHash,
    metric: () => undefined,
    progress: () => undefined,
    event: () => undefined,
    intervene: (_trouble, _actions, fallback) => Promise.resolve(fallback),
    pausePoint: () => Promise.resolve(),
  };
}

const NOWHERE: CheckpointArea = {
  save: () => Promise.resolve(),
  latest: () => Promise.resolve(null),
  clear: () => Promise.resolve(),
  child: () => NOWHERE,
};
