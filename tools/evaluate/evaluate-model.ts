import { ENGINE } from '../../core/contracts/engine.js';
import { EVALUATOR } from '../../core/contracts/evaluator.js';
import type { LoadedModel } from '../../core/contracts/model.js';
import { ForgeError } from '../../core/errors/index.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { Kernel } from '../../core/kernel/types.js';
import { findModel } from '../models/find-model.js';

/** What one evaluator says of a model. */
export interface Evaluation {
  readonly evaluator: string;
  /** Null where it could not be measured; `reason` says why. */
  readonly score: number | null;
  readonly lowerIsBetter: boolean;
  readonly reason?: string;
}

/**
 * Score a model of the registry with every evaluator that the config lists, one after the other on one engine.
 *
 * @throws ForgeError AF_REGISTRY_NOT_FOUND, AF_ARTIFACT_CORRUPT, AF_PLUGIN_FAILED naming the evaluator
 */
export async function evaluateModel(kernel: Kernel, reference: string): Promise<readonly Evaluation[]> {
  const ref = await findModel(await kernel.registry(), reference);
  const { artifacts } = await kernel.storage();
  const model: LoadedModel = { ref, weights: await artifacts.readTensors(ref.weights) };
  const engine = await kernel.resolve(ENGINE).open();
  try {
    const evaluations: Evaluation[] = [];
    for (const name of kernel.names(EVALUATOR)) {
      const evaluator = kernel.resolve(EVALUATOR, name);
      const found = await evaluator.evaluate(model, engine).catch((error: unknown) => {
        throw failed(name, messageOf(error), error);
      });
      if (found.score === null ? !found.reason : !Number.isFinite(found.score))
        throw failed(
          name,
          `it gave the score ${String(found.score)}${found.score === null ? ' without a reason' : ''}`,
        );
      evaluations.push({ evaluator: name, lowerIsBetter: evaluator.lowerIsBetter, ...found });
    }
    return evaluations;
  } finally {
    await engine.dispose();
  }
}

function failed(name: string, what: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_PLUGIN_FAILED', `The evaluator "${name}" failed: ${what}.`, {
    at: `evaluator ${name}`,
    cause,
    fix: `Look at what "${name}" does in evaluate, or take it out of the config.`,
  });
}
