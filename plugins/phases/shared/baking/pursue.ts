import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { bake } from './bake.js';
import { openMeasurement, type Measurement } from './measure.js';
import { bakingSubject, onceBaked } from './result.js';
import type { Baked, BakingContext, BakingEntry, BakingRequest, BakingStart } from './types.js';
import { prepareBaking } from './work.js';

export interface PursuitOptions {
  /** Bakes at most. */
  readonly rounds: number;
  /** Relative gain over the best before below which no further round follows. Default 0.01. */
  readonly minGain?: number;
  /**
   * How good a model is, more being better: the task that the prompt is for. Default: less held-out loss towards the first
   * teacher, which cannot see a model that gets better than that.
   */
  readonly score?: (weights: TensorDict, round: number) => Promise<number>;
}

/** A model of the pursuit. */
interface Round {
  /** 0 is the model before the first. */
  readonly number: number;
  readonly weights: TensorDict;
  readonly score: number;
}

/**
 * Prompt pursuit: bake, let the result read the prompt as the next teacher, and bake again. Gives the best of all models by
 * score, the one it began with included, and an entry per round that says which was kept.
 */
export function pursue(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
  options: PursuitOptions,
): Promise<Baked> {
  const { rounds, minGain = 0.01 } = options;
  const how = { rounds, minGain, scored: options.score !== undefined };
  return onceBaked(ctx, request.area, bakingSubject(start, request, how), async () => {
    const judge = options.score === undefined ? await firstTeacher(ctx, start, request) : null;
    const score = options.score ?? (async (weights: TensorDict) => -(await judge!.lossOf(weights)));
    try {
      return await rounding(ctx, start, request, { rounds, minGain, score });
    } finally {
      await judge?.dispose();
    }
  });
}

async function rounding(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
  { rounds, minGain, score }: Required<PursuitOptions>,
): Promise<Baked> {
  const { weights: first } = start.model;
  let best: Round = { number: 0, weights: first, score: await score(first, 0) };
  let from = start;
  const entries: BakingEntry[] = [];
  for (let number = 1; number <= rounds; number++) {
    const baked = await bake(ctx, from, roundOf(request, number, rounds));
    entries.push(...baked.entries.map((entry) => ({ ...entry, round: number })));
    const round = { number, weights: baked.weights, score: await score(baked.weights, number) };
    const gain = relativeGain(best.score, round.score);
    if (gain > 0) best = round;
    // A score that is no number ends it too.
    if (!(gain >= minGain)) break;
    from = { ...from, model: { ...from.model, weights: baked.weights } };
  }
  return {
    weights: best.weights,
    entries: entries.map((entry) => ({ ...entry, kept: entry.round !== null && entry.round <= best.number })),
  };
}

/** Checkpoints of its own; other texts than the round before; its share of what is done. */
function roundOf(request: BakingRequest, number: number, rounds: number): BakingRequest {
  const { name, area, seed, steps, fraction } = request;
  return {
    ...request,
    ...(fraction === undefined
      ? {}
      : { fraction: (step: number) => fraction(((number - 1) * steps + step) / rounds) }),
    name: `${name}, round ${number}`,
    area: area.child(`round-${number}`),
    seed: seed + number - 1,
  };
}

/** From 0 any gain is as large as it can be. */
function relativeGain(before: number, after: number): number {
  return after === before ? 0 : (after - before) / Math.abs(before);
}

async function firstTeacher(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
): Promise<Measurement> {
  return openMeasurement(ctx, await prepareBaking(ctx, start, request));
}
