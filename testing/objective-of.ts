import type { Architecture, Batch } from '../core/contracts/architecture.js';
import type { FunctionContext } from '../core/contracts/engine.js';
import type { Objective, ObjectiveResult } from '../core/contracts/objective.js';
import type { TensorMap } from '../core/contracts/tensor.js';
import { nextToken } from '../nn/objectives/index.js';

/** An objective of a batch as the trainer computes it, outside of a trainer. @param objective default: next token */
export function objectiveOf(
  { architecture, config }: { readonly architecture: Architecture; readonly config: unknown },
  params: TensorMap,
  batch: Batch,
  context: FunctionContext | null = null,
  objective: Objective = nextToken(),
): ObjectiveResult {
  return objective({
    forward: (weights, input, options) =>
      architecture.forward(config, weights, input, { peaks: true, ...options }),
    params,
    batch,
    extras: {},
    reference: {},
    context,
  });
}
