import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { withBatchWriters, type BatchWriters } from '../../../nn/generation/index.js';
import { sampleText } from '../shared/evaluation/sample.js';
import { PartClock } from '../shared/part-clock.js';
import { bakeThoughts, type BakedModels } from './bake.js';
import { accuracyToChooseBy, choose } from './choose.js';
import { conclude, type Findings } from './conclude.js';
import { examine, questionGroups, sampleAbout, showThoughts, writerOf } from '../shared/thoughts/examine.js';
import { examinationOf } from './examination.js';
import { injectionThreshold } from './injection.js';
import { measureLatency } from './latency.js';
import type { QuietstarOptions } from './options.js';
import { ordinaryLoss } from './ordinary.js';
import { prepare, type QuietstarRun, type TimedPart } from './prepare.js';
import { learnToThink } from './quiet.js';
import { quietRows } from './quiet-rows.js';
import { sharesOf } from './shares.js';
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
  if (options.quiet.steps > 0) quietRows(run);
  const before = await clock.time('ordinary', () => ordinaryLoss(run, run.champion));
  const baked = await bakeThoughts(run, (part, done) => shares.at(part, done));
  const quiet =
    options.quiet.steps === 0
      ? null
      : await clock.time('thinking', () => learnToThink(run, baked, (done) => shares.at('thinking', done)));
  const asked = await withBatchWriters(options.examination.rows, (writers) =>
    askQuestions(run, { baked, quiet }, writers, (done) => shares.at('examination', done)),
  );
  const { thinker, mixing } = asked;
  const text = await clock.time('text', () =>
    examineText(run, { model: thinker, mixing: mixing ?? {} }, baked.thinker),
  );
  // What is written after a thought is not mixed: a mixing head has no say in where text thinks.
  const unmixed =
    Object.keys(mixing ?? {}).length === 0
      ? text
      : await clock.time('text', () => examineText(run, { model: thinker, mixing: {} }, baked.thinker));
  return conclude(run, {
    ...{ baked, quiet, ...asked, text },
    ordinary: { before, after: await clock.time('ordinary', () => ordinaryLoss(run, thinker)) },
    latency: await clock.time('latency', () => measureLatency(run, thinker)),
    threshold: await clock.time('ordinary', () => injectionThreshold(run, thinker, unmixed)),
  });
}

/** What the models have learnt. */
interface Learnt {
  readonly baked: BakedModels;
  readonly quiet: Findings['quiet'];
}

/** Everything that is written about questions: which of the two models goes on, its examination, samples of its thoughts. */
async function askQuestions(
  run: QuietstarRun,
  learnt: Learnt,
  writers: BatchWriters,
  fraction: (done: number) => number,
): Promise<Pick<Findings, 'step1' | 'choice' | 'thinker' | 'mixing' | 'examined' | 'samples'>> {
  const { clock, ctx, options, tokenizer } = run;
  const chosen = await clock.time('choice', () => chooseModel(run, learnt, writers));
  const { thinker } = chosen;
  const candidates = { thinker, control: learnt.baked.control, writers };
  const examination = examinationOf(run);
  const groups = questionGroups(run.worked.locked, options.examination);
  const examined = await clock.time('examination', () => examine(examination, groups, candidates, fraction));
  const known = examined.find(({ part }) => part === 'known')!;
  showThoughts(examination, 'thinker', known);
  const samples = await clock.time('samples', async () => {
    await sampleText(ctx, 'thinker', { model: thinker, tokenizer: tokenizer.tokenizer }, options.sample);
    return sampleAbout(examination, await writerOf(ctx, thinker, writers), known, options.thoughts.samples);
  });
  return { ...chosen, examined, samples };
}

/** The model of step 2, where there is one and it is good enough, or that of step 1. */
async function chooseModel(
  run: QuietstarRun,
  { baked, quiet }: Learnt,
  writers: BatchWriters,
): Promise<Pick<Findings, 'step1' | 'choice' | 'thinker' | 'mixing'>> {
  const step1 = await accuracyToChooseBy(run, baked.thinker, writers);
  const ofStep1 = { step1, thinker: baked.thinker, mixing: null };
  if (quiet === null) return { ...ofStep1, choice: null };
  const choice = await choose(run, step1, quiet, writers);
  if (choice.rolledBack) return { ...ofStep1, choice };
  return { step1, choice, thinker: quiet.model, mixing: quiet.mixing };
}
