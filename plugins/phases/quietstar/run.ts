import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { bakeThoughts } from './bake.js';
import { choose } from './choose.js';
import { conclude } from './conclude.js';
import { examine, sampleAbout } from './examine.js';
import { injectionThreshold } from './injection.js';
import { measureLatency } from './latency.js';
import type { QuietstarOptions } from './options.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { ordinaryLoss } from './ordinary.js';
import { prepare } from './prepare.js';
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
  const choice = quiet === null ? null : await choose(run, baked.thinker, quiet);
  const kept = quiet !== null && choice?.rolledBack === false ? quiet : null;
  const thinker = kept?.model ?? baked.thinker;
  const candidates = { thinker, control: baked.control };
  const examined = await examine(run, candidates, (done) => shares.at('examination', done));
  await sampleText(ctx, 'thinker', { model: thinker, tokenizer: run.tokenizer.tokenizer }, options.sample);
  const known = examined.find(({ part }) => part === 'known')!;
  return conclude(run, {
    ...{ baked, quiet, choice, thinker, examined },
    mixing: kept?.mixing ?? null,
    samples: await sampleAbout(run, thinker, known),
    text: await examineText(run, { model: thinker, mixing: kept?.mixing ?? {} }, baked.thinker),
    ordinary: { before, after: await ordinaryLoss(run, thinker) },
    latency: await measureLatency(run, thinker),
    threshold: await injectionThreshold(run, thinker),
  });
}
