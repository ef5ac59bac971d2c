import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { begin } from './begin.js';
import { checkInput } from './check-input.js';
import { compareOptimizers, type Compared, type Comparison } from './comparison/compare.js';
import { conclude } from './conclude.js';
import { consolidationDocuments, forgeDocuments } from './forge.js';
import { learnLevels, measuredLists } from './levels.js';
import { levelLists } from './lists.js';
import { roundingCost, toolScores } from './measure.js';
import { lockedLoss } from '../shared/evaluation/locked-loss.js';
import { lockedThoughts } from '../shared/thoughts/locked.js';
import type { CurriculumOptions } from './options.js';
import { prepare, type CurriculumRun, type TimedPart } from './prepare.js';
import { finished } from './finish.js';
import { sharesOf } from './shares.js';
import type { Stretch } from './stretch.js';
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
  const { baseline } = before.assessment;
  const lists = levelLists(run, baseline);
  const stretch = await clock.time('preparation', () => Promise.resolve(mainTraining(run, baseline)));
  const comparison = await compared(run, stretch, baseline, (done) => shares.at('comparison', done));
  const main = await clock.time('forge', () =>
    forge.train({
      ...{ ...stretch, steps: options.forge.steps },
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
      documents: consolidationDocuments(run, baseline, levels.learnt),
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
  const text = await clock.time('after', () => lockedLoss(run, live));
  const examined = await clock.time('after', () => lockedThoughts(run, live, options.examination));
  const tools = await clock.time('after', () => toolScores(run, live));
  return conclude(run, forge, {
    ...{ checks, before, comparison, main, consolidated, values, lists, end, retention, tools },
    ...{ roundingCost: rounding, selfModel },
    ...{ levels: levels.results, calls: levels.calls, after: { text, examined } },
  });
}

/** Main training, but how long it is: what an optimizer is compared on is what it would do there. */
function mainTraining(run: CurriculumRun, baseline: number): Omit<Stretch, 'steps' | 'fraction'> {
  return {
    ...{ name: 'forge', shapes: 'staged', rate: [1, run.options.forge.training.floor] },
    documents: forgeDocuments(run, baseline),
  };
}

function compared(
  run: CurriculumRun,
  stretch: Compared['stretch'],
  baseline: number,
  fraction: Compared['fraction'],
): Promise<Comparison | null> {
  const { comparison } = run.options;
  if (comparison === null) return Promise.resolve(null);
  return run.clock.time('comparison', () =>
    compareOptimizers(run, comparison, { stretch, baseline, fraction }),
  );
}
