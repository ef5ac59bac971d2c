import type { Engine } from '../../core/contracts/engine.js';
import { EVALUATOR } from '../../core/contracts/evaluator.js';
import type { ModelRef } from '../../core/contracts/model.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { Kernel } from '../../core/kernel/types.js';
import type { EvaluatorPart } from './report.js';

/** A model of the registry, whose weights are read when an evaluator takes them. */
export interface ScoredModel {
  readonly ref: ModelRef;
  /** As floats. */
  readonly readWeights: () => Promise<TensorDict>;
}

/**
 * What one evaluator of the config says of a model.
 *
 * @param model null for a model that is not one of the registry: evaluators take no other
 * @throws ForgeError AF_PLUGIN_FAILED naming the evaluator
 */
export async function evaluatorScore(
  kernel: Kernel,
  name: string,
  model: ScoredModel | null,
  engine: Engine,
): Promise<EvaluatorPart> {
  const evaluator = kernel.resolve(EVALUATOR, name);
  const { lowerIsBetter, readsQuantised = false } = evaluator;
  const without = (reason: string): EvaluatorPart => ({
    ...{ kind: 'evaluator', name, lowerIsBetter, score: null, reason },
  });
  if (model === null) return without('evaluators take models of the registry');
  if (model.ref.config.quantization !== undefined && !readsQuantised)
    return without('it does not say that it reads quantised models');
  const weights = await model.readWeights();
  const found = await evaluator.evaluate({ ref: model.ref, weights }, engine).catch((error: unknown) => {
    throw failed(name, messageOf(error), error);
  });
  if (found.score === null ? !found.reason : !Number.isFinite(found.score))
    throw failed(
      name,
      `it gave the score ${String(found.score)}${found.score === null ? ' without a reason' : ''}`,
    );
  return { kind: 'evaluator', name, lowerIsBetter, ...found };
}

function failed(name: string, what: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_PLUGIN_FAILED', `The evaluator "${name}" failed: ${what}.`, {
    at: `evaluator ${name}`,
    cause,
    fix: `Look at what "${name}" does in evaluate, or take it out of the config.`,
  });
}
