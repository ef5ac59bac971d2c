import type { BakingExample } from '../../../core/contracts/baking.js';
import { nextToken } from '../../../nn/objectives/index.js';
import { streamKey, wordAt } from '../../../nn/random/index.js';
import { bake } from '../shared/baking/bake.js';
import { halfBake } from '../shared/baking/half-bake.js';
import { sequence, type BakingStep } from '../shared/baking/sequence.js';
import type { StrengthTarget } from '../shared/baking/strength.js';
import type { Baked, BakingRequest } from '../shared/baking/types.js';
import type { LatentModel } from '../shared/quantized/latent.js';
import type { BakingRun } from './prepare.js';

/** What is baked. */
export interface Bake {
  /** Of its checkpoints, its entries in the ledger and its metrics. */
  readonly name: string;
  readonly train: readonly BakingExample[];
  readonly heldOut: readonly BakingExample[];
  readonly steps: number;
  /** Laid over the options of the method. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Share of the phase that is done, by the share of this that is. */
  readonly fraction: (done: number) => number;
}

/** Bake into latents as the options say: at once, or half first and then the rest. */
export async function bakeWhole(run: BakingRun, model: LatentModel, one: Bake): Promise<Baked> {
  const { strength } = run.options.bake;
  const { ctx, language } = run;
  const whole = requestOf(run, one, one.name);
  const half = requestOf(run, one, `${one.name}-half`);
  const steps: BakingStep[] = [
    ...(strength === 'half-then-full'
      ? ([(start) => halfBake(ctx, start, half)] satisfies BakingStep[])
      : []),
    (start) => bake(ctx, start, whole),
  ];
  return sequence({ model, tokenizer: language.tokenizer }, steps);
}

/** Bake a part of a behaviour. */
export function bakePart(run: BakingRun, model: LatentModel, one: Bake, strength: number): Promise<Baked> {
  const target: StrengthTarget = { strength, tolerance: TOLERANCE };
  const start = { model, tokenizer: run.language.tokenizer };
  return halfBake(run.ctx, start, requestOf(run, one, one.name), target);
}

/** Of the strength of a part. */
const TOLERANCE = 0.05;

function requestOf(
  { ctx, options }: BakingRun,
  { train, heldOut, steps, options: own, fraction }: Bake,
  label: string,
): BakingRequest {
  const { use, options: usual, training, optimizer } = options.bake;
  return {
    ...{ name: label, prefix: 'bake', train, heldOut, steps, optimizer },
    method: { use, options: { ...usual, ...own } },
    training: { ...training, earlyStop: null },
    objective: nextToken(options.objective),
    seed: wordAt(streamKey(ctx.seed, 'baking', label), 0),
    area: ctx.checkpoints.child(`bake-${label}`),
    fraction: (step) => fraction(step / steps),
  };
}
