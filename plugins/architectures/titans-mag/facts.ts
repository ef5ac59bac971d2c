import type { Workload } from '../../../core/contracts/architecture.js';
import type { TitansMagConfig } from './config.js';
import { convolvedProjections } from './parameters.js';

const FLOAT_BYTES = 4;

/** Numbers per token and block that a backward pass keeps, in widths of the residual stream. */
const KEPT_PER_WIDTH = 24;

/** Tokens whose logits exist at one time (the chunk of the linear cross-entropy). */
const LOGIT_ROWS = 1024;

export function titansMagFacts({
  layers,
  dModel,
  heads,
  recursion,
}: TitansMagConfig): Record<string, number> {
  return { layers, hidden_size: dModel, heads, recursion_steps: recursion.steps };
}

/**
 * Activations at their peak: of every block in training (with the scores, their exponentials and the gradients of
 * each head, and what each convolution reads), of one block otherwise; and the logits of a chunk of tokens, four times.
 */
export function activationBytes(config: TitansMagConfig, { rows, length, training }: Workload): number {
  const { layers, dModel, heads, vocabularySize } = config;
  const widths = KEPT_PER_WIDTH + convolvedProjections(config).length;
  const perTokenAndLayer = widths * dModel + 3 * heads * length;
  const blocks = training ? layers : 1;
  const logits = 4 * Math.min(LOGIT_ROWS, rows * length) * vocabularySize;
  return FLOAT_BYTES * (rows * length * blocks * perTokenAndLayer + logits);
}
