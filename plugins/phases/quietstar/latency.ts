import { Decoding, logitsOfSteps } from '../../../nn/generation/index.js';
import { generatorOptions } from '../shared/evaluation/sample.js';
import type { LiveModel } from '../shared/model/open.js';
import type { QuietstarRun } from './prepare.js';

/** What a prediction costs. JSON. */
export interface Latency {
  /** Milliseconds of a prediction after a thought of the most tokens: median. */
  readonly withThought: number;
  /** Without one. */
  readonly without: number;
  /** Tokens that were read before. */
  readonly context: number;
  readonly thoughtTokens: number;
  readonly runs: number;
}

const RUNS = 50;

/**
 * One row, a full context: START, the most tokens of a thought and END are read one after the other, then the next token
 * is known. Null for an architecture that cannot read token by token.
 */
export async function measureLatency(run: QuietstarRun, model: LiveModel): Promise<Latency | null> {
  const { ctx, options, grown, ordinary } = run;
  const generator = await generatorOptions(ctx, model);
  const { decoder } = model.architecture;
  if (decoder === undefined) return null;
  const thoughtTokens = options.thoughts.tokens;
  const limit = model.architecture.contextLength(model.config.hyperparameters);
  const text = ordinary.sets.flatMap(({ heldOut }) => heldOut.flatMap(({ ids }) => [...ids]));
  const context = text.slice(0, Math.max(1, Math.min(CONTEXT, limit - thoughtTokens - 2)));
  const decoding = await Decoding.create(generator, decoder, 1, (said) => ({ logits: logitsOfSteps(said) }));
  try {
    await decoding.read([context]);
    const before = await decoding.remember();
    const [start, end] = [grown.ids['<think>']!, grown.ids['</think>']!];
    const thought = [start, ...context.slice(0, thoughtTokens), end];
    const timed = async (ids: readonly number[]): Promise<number> => {
      await decoding.recall(before);
      const began = performance.now();
      for (const id of ids) await decoding.read([[id]]);
      return performance.now() - began;
    };
    await timed(thought);
    const times: { withThought: number[]; without: number[] } = { withThought: [], without: [] };
    for (let i = 0; i < RUNS; i++) {
      times.withThought.push(await timed(thought));
      times.without.push(await timed(thought.slice(0, 1)));
    }
    return {
      ...{ withThought: median(times.withThought), without: median(times.without) },
      ...{ context: context.length, thoughtTokens, runs: RUNS },
    };
  } finally {
    await decoding.dispose();
  }
}

/** Documented for the latency gate. */
const CONTEXT = 256;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
