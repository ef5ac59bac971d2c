import { defineFor } from './plugin.js';
import { createToken } from './token.js';
import type { Engine } from './engine.js';
import type { LoadedModel } from './model.js';

/** Scores a model; higher is better unless `lowerIsBetter`. */
export interface Evaluator {
  readonly lowerIsBetter: boolean;
  /**
   * @param model its architecture is had by `forge.resolve(ARCHITECTURE, model.ref.config.architecture)`
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
