import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { begin } from './begin.js';
import { checkInput } from './check-input.js';
import { conclude } from './conclude.js';
import { consolidationDocuments, forgeDocuments } from './forge.js';
import { learnLevels, measuredLists } from './levels.js';
import { levelLists } from './lists.js';
import { roundingCost, textLoss, thoughtsAfter, toolScores } from './measure.js';
import type { CurriculumOptions } from './options.js';
import { prepare, type CurriculumRun, type TimedPart } from './prepare.js';
import { finished } from './finish.js';
import { sharesOf } from './shares.js';
import { Forge } from './training.js';
import { bakeValues } from './values.js';
import { PartClock } from '../shared/part-clock.js';

/** Run phase 5: find out what the model can, train it, take it through the levels, and measure what is in the file. */
export async function runCurriculum(
  ctx: PhaseContext,
  options: CurriculumOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const clock = new PartClock<TimedPart>();
  const run = await clock.time('preparation', () => prepare(ctx, options, input, clock));
  const forge = await Forge.open(run);
  try {
    return await worked(run, forge);
  } finally {
    await forge.dispose();
    await run.writers.dispose();
  }
}

async function worked(run: CurriculumRun, forge: Forge): Promise<PhaseResult> {
  const { clock, options } = run;
  const shares = sharesOf(options);
  const checks = await clock.time('preparation', () => checkInput(run, forge));
  const before = await begin(run, forge, (done) => shares.at('before', done));
  const lists = levelLists(run, before.assessment.baseline);
  const main = await clock.time('forge', () =>
    forge.train({
      ...{ name: 'forge', steps: options.forge.steps, shapes: 'staged' },
      documents: forgeDocuments(run, before.assessment.baseline),
      rate: [1, options.forge.training.floor],
      fraction: (done) => shares.at('forge', done),
    }),
  );
  const levels = await learnLevels(
    run,
    forge,
    lists,
    {
      ended: main.ended,
      retention: async (model) =>
        measuredLists(run, model, lists, { moment: 'main training', retention: before.retention }),
    },
    (done) => shares.at('levels', done),
  );
  const consolidated = await clock.time('consolidation', () =>
    forge.train({
      ...{ name: 'consolidation', steps: options.consolidation.steps, shapes: 'staged' },
      documents: consolidationDocuments(run, before.assessment.baseline, levels.learnt),
      rate: [options.levels.rate, 0],
      fraction: (done) => shares.at('consolidation', done),
    }),
  );
  const values = await bakeValues(run, forge, lists, {
    retention: levels.retention,
    fraction: (done) => shares.at('values', done),
  });
  const end = await clock.time('packing', () => finished(run, forge));
  const { live } = end;
  const rounding = await clock.time('after', () => roundingCost(run, forge));
  const retention = await clock.time('after', () =>
    measuredLists(run, live, lists, { moment: 'end', retention: values.retention }),
  );
  const selfModel = await clock.time('after', () => forge.selfModelError());
  const text = await clock.time('after', () => textLoss(run, live));
  const examined = await clock.time('after', () => thoughtsAfter(run, live));
  const tools = await clock.time('after', () => toolScores(run, live));
  return conclude(run, forge, {
    ...{ checks, before, main, consolidated, values, lists, end, retention, tools, roundingCost: rounding },
    ...{ selfModel, levels: levels.results, calls: levels.calls, after: { text, examined } },
  });
}
