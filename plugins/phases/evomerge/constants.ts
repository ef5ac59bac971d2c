import type { Architecture } from '../../../core/contracts/architecture.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { ForgeError } from '../../../core/errors/index.js';
import { calibratedRule } from '../../../nn/halting/index.js';
import { meanOf } from '../../../nn/models/index.js';
import type { HaltingRule } from '../../../nn/evaluation/index.js';

/** What a model is besides its weights: hyper-parameters and the calibration of its halting. */
export interface Constants {
  /** Validated hyper-parameters. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** Facts that go into the metadata of a model made with them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly halt: HaltingRule;
  /** Equal for equal constants. */
  readonly key: string;
}

/** Attributes of a model that describe constants and are merged with them. */
const MERGED_ATTRIBUTES = ['act_threshold', 'ponder_cost', 'ema_acc', 'ema_halt'] as const;

/** A parent's own constants. */
export function constantsOf(ctx: PhaseContext, architecture: Architecture, model: ModelRef): Constants {
  const attributes = Object.fromEntries(
    MERGED_ATTRIBUTES.flatMap((name) => {
      const value = model.metadata.attributes[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  return makeConstants(ctx, architecture, model.config.hyperparameters, attributes, `model ${model.id}`);
}

/**
 * Constants of everything merged from several models: numbers in which they differ are averaged, all else must be equal.
 * One set for the whole search, so that one compiled program serves every individual.
 * @throws ForgeError AF_HANDOFF_INVALID when they differ in something that has no mean
 */
export function mergeConstants(
  ctx: PhaseContext,
  architecture: Architecture,
  models: readonly Constants[],
): Constants {
  const configs = models.map((each) => each.hyperparameters);
  const hyperparameters = architecture.mergeConfigs?.(configs) ?? requireEqual(configs);
  const shared = MERGED_ATTRIBUTES.filter((name) =>
    models.every((each) => each.attributes[name] !== undefined),
  );
  const attributes = Object.fromEntries(
    shared.map((name) => [
      name,
      meanOf(
        name,
        models.map((each) => each.attributes[name]),
      ),
    ]),
  );
  return makeConstants(ctx, architecture, hyperparameters, attributes, 'the merged hyper-parameters');
}

function makeConstants(
  ctx: PhaseContext,
  architecture: Architecture,
  written: Readonly<Record<string, unknown>>,
  attributes: Readonly<Record<string, unknown>>,
  at: string,
): Constants {
  const hyperparameters = ctx.validate(architecture.configSchema, written, at) as Readonly<
    Record<string, unknown>
  >;
  const threshold = attributes['act_threshold'];
  const calibration = {
    accuracy: numbers(attributes['ema_acc']),
    probability: numbers(attributes['ema_halt']),
  };
  return {
    hyperparameters,
    attributes,
    halt: typeof threshold === 'number' ? calibratedRule(calibration, threshold) : (all) => all.length,
    key: JSON.stringify([hyperparameters, attributes]),
  };
}

/** Without a rule of the architecture's own, models must have the same hyper-parameters. */
function requireEqual(
  configs: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> {
  const [first = {}] = configs;
  if (configs.every((config) => JSON.stringify(config) === JSON.stringify(first))) return first;
  throw new ForgeError('AF_HANDOFF_INVALID', 'The models differ in their hyper-parameters.', {
    at: 'hyperparameters',
    fix: 'Merge models with the same hyper-parameters; their architecture has no rule to merge others.',
  });
}

function numbers(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number')
    ? value
    : null;
}
