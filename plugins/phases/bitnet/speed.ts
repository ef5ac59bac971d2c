import { Decoding, logitsOfSteps } from '../../../nn/generation/index.js';
import { generatorOptions } from '../shared/evaluation/sample.js';
import type { LiveModel } from '../shared/model/open.js';
import type { BitnetRun } from './prepare.js';

/** Seconds of one token of one row, medians of runs that take turns. JSON. */
export interface Speed {
  readonly float: number;
  readonly packed: number;
  readonly ratio: number;
  readonly runs: number;
  readonly tokens: number;
}

const RUNS = 50;
/** Tokens of a run. */
const TOKENS = 16;

/**
 * How long both models take for a token after a text, in one run on one engine, turn by turn. Null for an architecture that
 * cannot read token by token.
 */
export async function speedOf(run: BitnetRun, float: LiveModel, packed: LiveModel): Promise<Speed | null> {
  const text = run.text.holdout.batches[0]!.ids.subarray(0, 2 * TOKENS);
  const timers: Timer[] = [];
  try {
    for (const model of [float, packed]) {
      const timer = await timerOf(run, model, text);
      if (timer === null) return null;
      timers.push(timer);
    }
    const times: number[][] = [[], []];
    for (const { once } of timers) await once();
    for (let i = 0; i < RUNS; i++)
      for (const [which, { once }] of timers.entries()) times[which]!.push(await once());
    const [slow, fast] = times.map(median) as [number, number];
    return { float: slow, packed: fast, ratio: slow / fast, runs: RUNS, tokens: TOKENS };
  } finally {
    for (const { dispose } of timers) await dispose();
  }
}

interface Timer {
  /** Seconds per token. */
  readonly once: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

async function timerOf({ ctx }: BitnetRun, model: LiveModel, text: Int32Array): Promise<Timer | null> {
  const { decoder } = model.architecture;
  if (decoder === undefined) return null;
  const options = await generatorOptions(ctx, model);
  const decoding = await Decoding.create(options, decoder, 1, (said) => ({ logits: logitsOfSteps(said) }));
  await decoding.read([[...text.subarray(0, TOKENS)]]);
  const before = await decoding.remember();
  return {
    once: async () => {
      await decoding.recall(before);
      const began = performance.now();
      for (const id of text.subarray(TOKENS)) await decoding.read([[id]]);
      return (performance.now() - began) / 1000 / TOKENS;
    },
    dispose: () => decoding.dispose(),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
