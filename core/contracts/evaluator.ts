import { defineFor } from './plugin.js';
import { createToken } from './token.js';
import type { Engine } from './engine.js';
import type { LoadedModel } from './model.js';

/** Scores a model; higher is better unless `lowerIsBetter`. */
export interface Evaluator {
  readonly lowerIsBetter: boolean;
  /**
   * That it computes quantised models as their config says: it has architectures by `quantization.modelArchitecture` of
   * `agentforge/nn`. Others are not asked of such models, for they would misread them.
   */
  readonly readsQuantised?: true;
  /**
   * @param model its architecture is had by `quantization.modelArchitecture(forge, model.ref.config)` of `agentforge/nn`;
   * its weights are floats, of a packed model as well
   * @returns a finite score, or null with the reason why there is none; the same for the same model
   */
  evaluate(
    model: LoadedModel,
    engine: Engine,
  ): Promise<{ readonly score: number | null; readonly reason?: string }>;
}

export const EVALUATOR = createToken<Evaluator>('evaluator', { evaluate: 'function' });
/** Define an evaluator plugin. */
export const defineEvaluator = defineFor(EVALUATOR);
