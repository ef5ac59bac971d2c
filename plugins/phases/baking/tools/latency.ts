import { BatchWriters } from '../../../../nn/generation/index.js';
import type { LiveModel } from '../../shared/model/open.js';
import { ask } from '../../shared/tasks/asking.js';
import { promptIds, type Asked } from '../../shared/tasks/prompts.js';
import type { BakingRun } from '../prepare.js';
import { toolQuestions, withManuals } from './questions.js';

/** What an answer costs with the manual in front and without it. Medians of the same questions. JSON. */
export interface Latency {
  readonly items: number;
  readonly promptedMs: number;
  readonly bakedMs: number;
  /** Tokens that need not be read any more, the mean. */
  readonly tokensSaved: number;
}

/**
 * Seconds of whole answers, calls and results included, one question at a time: the model that came in behind the manual,
 * and this one without it, in turns, after one answer each that nobody times.
 *
 * @returns null where no tool is asked about
 */
export async function measureLatency(
  run: BakingRun,
  { base, baked }: { readonly base: LiveModel; readonly baked: LiveModel },
): Promise<Latency | null> {
  const [tool] = run.toolNames;
  if (tool === undefined) return null;
  const { latencyItems: items } = run.options.examination;
  const asked = toolQuestions(run, tool, { side: 'held-out', count: items }, 'latency');
  const told = withManuals(run, asked, 'manual', 'latency');
  const writers = new BatchWriters(1);
  const single = { ...run, writers };
  const milliseconds = async (model: LiveModel, one: Asked): Promise<number> => {
    const began = performance.now();
    await ask(single, model, [one], undefined, { free: true });
    return performance.now() - began;
  };
  try {
    await milliseconds(base, told[0]!);
    await milliseconds(baked, asked[0]!);
    const times = { prompted: [] as number[], baked: [] as number[] };
    let saved = 0;
    for (const [i, one] of asked.entries()) {
      times.prompted.push(await milliseconds(base, told[i]!));
      times.baked.push(await milliseconds(baked, one));
      saved += promptIds(run.language, told[i]!).length - promptIds(run.language, one).length;
      await run.ctx.pausePoint(() => Promise.resolve());
    }
    return {
      items,
      promptedMs: median(times.prompted),
      bakedMs: median(times.baked),
      tokensSaved: saved / items,
    };
  } finally {
    await writers.dispose();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
