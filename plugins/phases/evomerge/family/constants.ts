import type { Architecture } from '../../../../core/contracts/architecture.js';
import type { HaltingFacts } from '../../../../core/contracts/data-facts.js';
import { ForgeError } from '../../../../core/errors/index.js';
import type { HaltingRule } from '../../../../nn/evaluation/index.js';
import { haltingRule } from '../../../../nn/halting/index.js';
import { meanOf } from '../../../../nn/models/index.js';
import { shapeOf, type Resolver } from '../../shared/model/shape.js';

type Hyperparameters = Readonly<Record<string, unknown>>;

/** What a model is besides its weights: hyper-parameters and when it halts. */
export interface Constants {
  /** Validated. */
  readonly hyperparameters: Hyperparameters;
  readonly halting: HaltingFacts | null;
  /** Absent: every recursion step is taken. */
  readonly halt: HaltingRule | undefined;
  /** Equal for equal constants. */
  readonly key: string;
}

/** @param hyperparameters validated */
export function constants(hyperparameters: Hyperparameters, halting: HaltingFacts | null): Constants {
  const key = JSON.stringify([hyperparameters, halting]);
  return { hyperparameters, halting, halt: haltingRule(halting), key };
}

/**
 * Constants of everything merged from several models: hyper-parameters as their architecture merges them, thresholds and
 * calibrations averaged. One set for the whole search, so that one compiled program serves every individual.
 * @throws ForgeError AF_HANDOFF_INVALID when they differ in something that has no mean
 */
export function mergeConstants(
  ctx: Resolver,
  { name, architecture }: { readonly name: string; readonly architecture: Architecture },
  models: readonly Constants[],
): Constants {
  const configs = models.map(({ hyperparameters }) => hyperparameters);
  const hyperparameters = architecture.mergeConfigs?.(configs) ?? requireEqual(configs);
  const { config } = shapeOf(ctx, { architecture: name, hyperparameters }, 'the merged hyper-parameters');
  return constants(config.hyperparameters, mergeHalting(models.map(({ halting }) => halting)));
}

/**
 * Null unless all of the models halt by themselves; uncalibrated unless all are calibrated, each in the steps that all of
 * them have run.
 */
export function mergeHalting(all: readonly (HaltingFacts | null)[]): HaltingFacts | null {
  const known = all.filter((each) => each !== null);
  if (known.length === 0 || known.length < all.length) return null;
  const mean = (part: 'accuracy' | 'probability'): readonly number[] | null => {
    const values = known.flatMap((each) => (each[part] === null ? [] : [each[part]]));
    if (values.length < known.length) return null;
    const run = Math.min(...values.map(({ length }) => length));
    const shared = values.map((perStep) => perStep.slice(0, run));
    return meanOf(`halting.${part}`, shared) as number[];
  };
  const thresholds = known.map(({ threshold }) => threshold);
  return {
    threshold: meanOf('halting.threshold', thresholds) as number,
    accuracy: mean('accuracy'),
    probability: mean('probability'),
  };
}

/** Without a rule of the architecture's own, models must have the same hyper-parameters. */
function requireEqual(configs: readonly Hyperparameters[]): Hyperparameters {
  const [first = {}] = configs;
  if (configs.every((config) => JSON.stringify(config) === JSON.stringify(first))) return first;
  throw new ForgeError('AF_HANDOFF_INVALID', 'The models differ in their hyper-parameters.', {
    at: 'hyperparameters',
    fix: 'Merge models with the same hyper-parameters; their architecture has no rule to merge others.',
  });
}
