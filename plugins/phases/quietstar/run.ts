import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { PartClock } from '../shared/part-clock.js';
import { bakeThoughts, type BakedModels } from './bake.js';
import { accuracyToChooseBy, choose } from './choose.js';
import { conclude, type Findings } from './conclude.js';
import { examine, sampleAbout } from './examine.js';
import { injectionThreshold } from './injection.js';
import { measureLatency } from './latency.js';
import type { QuietstarOptions } from './options.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { ordinaryLoss } from './ordinary.js';
import { prepare, type QuietstarRun, type TimedPart } from './prepare.js';
import { learnToThink } from './quiet.js';
import { sharesOf, type PhaseShares } from './shares.js';
import { examineText } from './text.js';

/** Run phase 3: learn to write thoughts, learn which of them help, and find out whether they do. */
export async function runQuietstar(
  ctx: PhaseContext,
  options: QuietstarOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const clock = new PartClock<TimedPart>();
  const run = await clock.time('preparation', () => prepare(ctx, options, input, clock));
  const shares = sharesOf(options);
  const before = await clock.time('ordinary', () => ordinaryLoss(run, run.champion));
  const baked = await bakeThoughts(run, (part, done) => shares.at(part, done));
  const learnt = await learnAndChoose(run, baked, shares);
  const { thinker, mixing } = learnt;
  const examined = await clock.time('examination', () =>
    examine(run, { thinker, control: baked.control }, (done) => shares.at('examination', done)),
  );
  const known = examined.find(({ part }) => part === 'known')!;
  return conclude(run, {
    ...{ baked, ...learnt, examined },
    samples: await clock.time('samples', async () => {
      await sampleText(
        ctx,
        'thinker',
        { model: thinker, tokenizer: run.tokenizer.tokenizer },
        options.sample,
      );
      return sampleAbout(run, thinker, known);
    }),
    text: await clock.time('text', () =>
      examineText(run, { model: thinker, mixing: mixing ?? {} }, baked.thinker),
    ),
    ordinary: { before, after: await clock.time('ordinary', () => ordinaryLoss(run, thinker)) },
    latency: await clock.time('latency', () => measureLatency(run, thinker)),
    threshold: await clock.time('ordinary', () => injectionThreshold(run, thinker)),
  });
}

/** Step 2, where there is one, and which of the two models goes on. */
async function learnAndChoose(
  run: QuietstarRun,
  baked: BakedModels,
  shares: PhaseShares,
): Promise<Pick<Findings, 'quiet' | 'step1' | 'choice' | 'thinker' | 'mixing'>> {
  const { clock, options } = run;
  const quiet =
    options.quiet.steps === 0
      ? null
      : await clock.time('thinking', () => learnToThink(run, baked, (done) => shares.at('thinking', done)));
  const step1 = await clock.time('choice', () => accuracyToChooseBy(run, baked.thinker));
  const ofStep1 = { quiet, step1, thinker: baked.thinker, mixing: null };
  if (quiet === null) return { ...ofStep1, choice: null };
  const choice = await clock.time('choice', () => choose(run, step1, quiet));
  return choice.rolledBack
    ? { ...ofStep1, choice }
    : { quiet, step1, choice, thinker: quiet.model, mixing: quiet.mixing };
}
