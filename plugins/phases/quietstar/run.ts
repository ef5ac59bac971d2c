import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { withBatchWriters, type BatchWriters } from '../../../nn/generation/index.js';
import { bakeThoughts } from './bake.js';
import { choose } from './choose.js';
import { conclude, type Findings } from './conclude.js';
import { examine, sampleAbout, writerOf } from './examine.js';
import { injectionThreshold } from './injection.js';
import { measureLatency } from './latency.js';
import type { QuietstarOptions } from './options.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { ordinaryLoss } from './ordinary.js';
import { prepare, type QuietstarRun } from './prepare.js';
import { learnToThink } from './quiet.js';
import { sharesOf } from './shares.js';
import { examineText } from './text.js';

/** Run phase 3: learn to write thoughts, learn which of them help, and find out whether they do. */
export async function runQuietstar(
  ctx: PhaseContext,
  options: QuietstarOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const run = await prepare(ctx, options, input);
  const shares = sharesOf(options);
  const before = await ordinaryLoss(run, run.champion);
  const baked = await bakeThoughts(run, (part, done) => shares.at(part, done));
  const quiet =
    options.quiet.steps === 0
      ? null
      : await learnToThink(run, baked.thinker, (done) => shares.at('thinking', done));
  const asked = await withBatchWriters(options.examination.rows, (writers) =>
    askQuestions(run, { baked, quiet }, writers, (done) => shares.at('examination', done)),
  );
  const { thinker, mixing } = asked;
  await sampleText(ctx, 'thinker', { model: thinker, tokenizer: run.tokenizer.tokenizer }, options.sample);
  return conclude(run, {
    ...{ baked, quiet, ...asked },
    text: await examineText(run, { model: thinker, mixing: mixing ?? {} }, baked.thinker),
    ordinary: { before, after: await ordinaryLoss(run, thinker) },
    latency: await measureLatency(run, thinker),
    threshold: await injectionThreshold(run, thinker),
  });
}

/** Everything that is written about questions: which of the two models goes on, its examination, samples of its thoughts. */
async function askQuestions(
  run: QuietstarRun,
  { baked, quiet }: Pick<Findings, 'baked' | 'quiet'>,
  writers: BatchWriters,
  fraction: (done: number) => number,
): Promise<Pick<Findings, 'choice' | 'thinker' | 'mixing' | 'examined' | 'samples'>> {
  const choice =
    quiet === null ? null : await choose(run, { baked: baked.thinker, quiet: quiet.model }, writers);
  const kept = quiet !== null && choice?.rolledBack === false ? quiet : null;
  const thinker = kept?.model ?? baked.thinker;
  const examined = await examine(run, { thinker, control: baked.control, writers }, fraction);
  const known = examined.find(({ part }) => part === 'known')!;
  const samples = await sampleAbout(run, await writerOf(run, thinker, writers), known);
  return { choice, thinker, mixing: kept?.mixing ?? null, examined, samples };
}
