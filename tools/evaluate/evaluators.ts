import type { Engine } from '../../core/contracts/engine.js';
import { EVALUATOR } from '../../core/contracts/evaluator.js';
import type { LoadedModel } from '../../core/contracts/model.js';
import { ForgeError } from '../../core/errors/index.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { Kernel } from '../../core/kernel/types.js';
import type { EvaluatorPart } from './report.js';

/**
 * What one evaluator of the config says of a model.
 *
 * @param model null for a model that is not one of the registry: evaluators take no other
 * @throws ForgeError AF_PLUGIN_FAILED naming the evaluator
 */
export async function evaluatorScore(
  kernel: Kernel,
  name: string,
  model: LoadedModel | null,
  engine: Engine,
): Promise<EvaluatorPart> {
  const evaluator = kernel.resolve(EVALUATOR, name);
  const { lowerIsBetter } = evaluator;
  if (model === null)
    return {
      kind: 'evaluator',
      name,
      lowerIsBetter,
      score: null,
      reason: 'evaluators take models of the registry',
    };
  const found = await evaluator.evaluate(model, engine).catch((error: unknown) => {
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
