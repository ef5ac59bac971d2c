import type { EvaluationSet } from '../../../nn/evaluation/index.js';
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
  /** Tokens of a run. */
  readonly tokens: number;
}

const RUNS = 50;
/** Tokens of a run at most, and of the text before them. */
const TOKENS = 16;
/** Of fewer the time is mostly that of starting. */
const LEAST_TOKENS = 8;

/** A text and how it goes on, to be read token by token. */
export interface TimedText {
  readonly start: Int32Array;
  readonly rest: Int32Array;
}

/**
 * How long both models take for a token after a text, in one run on one engine, turn by turn. Null for an architecture that
 * cannot read token by token, and where no row of the text is long enough.
 */
export async function speedOf(
  run: Pick<BitnetRun, 'ctx' | 'text'>,
  float: LiveModel,
  packed: LiveModel,
): Promise<Speed | null> {
  const text = timedText(run.text.holdout);
  if (text === null) return null;
  const tokens = text.rest.length;
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
    return { float: slow, packed: fast, ratio: slow / fast, runs: RUNS, tokens };
  } finally {
    for (const { dispose } of timers) await dispose();
  }
}

interface Timer {
  /** Seconds per token. */
  readonly once: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

/** The fullest row, without what fills it up; null where none has enough tokens. */
export function timedText({
  batches,
  documents,
  length,
}: Pick<EvaluationSet, 'batches' | 'documents' | 'length'>): TimedText | null {
  let row = new Int32Array(0);
  for (const { batch, start, length: tokens } of documents) {
    const first = Math.floor(start / length) * length;
    const end = start + tokens;
    if (end - first > row.length) row = batches[batch]!.ids.slice(first, end);
  }
  const before = Math.min(TOKENS, Math.floor(row.length / 2));
  const rest = row.subarray(before, before + TOKENS);
  return rest.length < LEAST_TOKENS ? null : { start: row.subarray(0, before), rest };
}

async function timerOf(
  { ctx }: Pick<BitnetRun, 'ctx'>,
  model: LiveModel,
  { start, rest }: TimedText,
): Promise<Timer | null> {
  const { decoder } = model.architecture;
  if (decoder === undefined) return null;
  const options = await generatorOptions(ctx, model);
  const decoding = await Decoding.create(options, decoder, 1, (said) => ({ logits: logitsOfSteps(said) }));
  try {
    await decoding.read([[...start]]);
    const before = await decoding.remember();
    return {
      once: async () => {
        await decoding.recall(before);
        const began = performance.now();
        for (const id of rest) await decoding.read([[id]]);
        return (performance.now() - began) / 1000 / rest.length;
      },
      dispose: () => decoding.dispose(),
    };
  } catch (error) {
    await decoding.dispose();
    throw error;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
