import type { ModelRef } from '../../../core/contracts/model.js';
import type { GateResult, PhaseContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { allFinite, weightsHash } from '../../../nn/models/index.js';
import { readModelWeights } from './model/packed-weights.js';
import { INTEGRITY_GATES, judgeOf, PARAMETER_RANGE } from './gates.js';

/** Largest change of an earlier logit that replacing future tokens may cause: rounding. */
export const CAUSALITY_TOLERANCE = 1e-5;

const judge = judgeOf({ ...INTEGRITY_GATES, ...PARAMETER_RANGE });

/** Facts of a finished model that can be kept with a checkpoint. JSON. */
export interface IntegrityFacts {
  readonly model: ModelRef;
  readonly finite: boolean;
  /** Whether the stored file gives the weights back, bit by bit. */
  readonly stored: boolean;
  /** Largest change of an earlier logit when the future is replaced. */
  readonly causality: number;
}

/** Look at weights and read back what was stored of them. */
export async function integrityOf(
  ctx: Pick<PhaseContext, 'store' | 'resolve'>,
  model: ModelRef,
  weights: TensorDict,
  causality: number,
): Promise<IntegrityFacts> {
  const back = await readModelWeights(ctx, model);
  const inOrder = Object.fromEntries(
    Object.keys(weights).flatMap((name) => (back[name] ? [[name, back[name]]] : [])),
  );
  return {
    model,
    finite: allFinite(weights),
    stored:
      weightsHash(inOrder) === weightsHash(weights) &&
      Object.keys(back).length === Object.keys(weights).length,
    causality,
  };
}

/** The integrity gates of finished models. @param range bounds of their parameters; null: no gate */
export function integrityGates(
  facts: readonly IntegrityFacts[],
  range: readonly [number, number] | null,
): GateResult[] {
  const leak = Math.max(...facts.map(({ causality }) => causality));
  return [
    judge.holds(
      'finite_weights',
      facts.every(({ finite }) => finite),
      'no NaN or infinity',
    ),
    judge.holds(
      'weights_stored',
      facts.every(({ stored }) => stored),
      'the stored files give the weights back',
    ),
    judge.atMost('causality', leak, CAUSALITY_TOLERANCE),
    ...(range === null
      ? []
      : facts.map(({ model }) =>
          judge.between(['parameter_range', model.name], model.metadata.parameters, range),
        )),
  ];
}
