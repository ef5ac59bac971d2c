import type { Architecture } from '../../../core/contracts/architecture.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { ForgeError } from '../../../core/errors/index.js';
import { calibratedRule } from '../../../nn/halting/index.js';
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
const MERGED_ATTRIBUTES = [
  'act_threshold',
  'memory_capacity',
  'surprise',
  'novelty',
  'ponder_cost',
  'ema_acc',
  'ema_halt',
] as const;

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
  const hyperparameters = mean(
    'hyperparameters',
    models.map((each) => each.hyperparameters),
  ) as Record<string, unknown>;
  const shared = MERGED_ATTRIBUTES.filter((name) =>
    models.every((each) => each.attributes[name] !== undefined),
  );
  const attributes = Object.fromEntries(
    shared.map((name) => [
      name,
      mean(
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

function numbers(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number')
    ? value
    : null;
}

/** Element by element; whole numbers stay whole. */
function mean(at: string, values: readonly unknown[]): unknown {
  const [first] = values;
  if (values.every((value) => JSON.stringify(value) === JSON.stringify(first))) return first;
  if (values.every((value) => typeof value === 'number')) {
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.every(Number.isInteger) ? Math.round(average) : average;
  }
  if (values.every((value) => Array.isArray(value) && value.length === (first as unknown[]).length)) {
    return (first as unknown[]).map((_, i) =>
      mean(
        `${at}[${i}]`,
        values.map((value) => (value as unknown[])[i]),
      ),
    );
  }
  if (values.every(isRecord)) {
    const names = [...new Set(values.flatMap((value) => Object.keys(value)))];
    return Object.fromEntries(
      names.map((name) => [
        name,
        mean(
          `${at}.${name}`,
          values.map((value) => value[name]),
        ),
      ]),
    );
  }
  throw new ForgeError('AF_HANDOFF_INVALID', `The models differ in ${at}, of which there is no mean.`, {
    at,
    fix: 'Merge models of the same architecture and settings.',
    facts: { values },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
