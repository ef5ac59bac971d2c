import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { PartClock } from '../shared/part-clock.js';
import { recalibrated } from '../shared/training/recalibrate.js';
import { agreementOf } from '../shared/quantized/agreement.js';
import { calibrate } from './calibrate.js';
import { conclude, type Findings } from './conclude.js';
import { answered, answersOf, lossesOf, thoughtsAlone, type Answers, type Losses } from './measure.js';
import type { BitnetOptions } from './options.js';
import { memoryOf } from './memory.js';
import { mixPrecisions } from './mixed.js';
import { expanded, halved, pack, running } from '../shared/quantized/pack.js';
import { prepare, type BitnetRun, type TimedPart } from './prepare.js';
import { recover } from './recover.js';
import { questionRows } from './rows.js';
import { sharesOf } from './shares.js';
import { speedOf } from './speed.js';
import { untrainedModel } from './untrained.js';
import type { LiveModel } from '../shared/model/open.js';

/** Questions that are asked of a model that nobody expects to answer. */
const UNTRAINED_ITEMS = 64;

/** Run phase 4: quantise, train until the model says again what it said, pack, and measure what is in the file. */
export async function runBitnet(
  ctx: PhaseContext,
  options: BitnetOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const clock = new PartClock<TimedPart>();
  const run = await clock.time('preparation', () => prepare(ctx, options, input, clock));
  const shares = sharesOf(options);
  const { items } = options.examination;
  const before = await clock.time('before', () => measured(run, run.teacher, items));
  const start = await clock.time('calibration', () => calibrate(run, (done) => shares.at('before', done)));
  const untrained = await clock.time('untrained', () =>
    measured(run, untrainedModel(run, start), Math.min(items, UNTRAINED_ITEMS)),
  );
  const trained = await clock.time('recovery', () =>
    recover(run, start.model, {
      ...{ name: 'recovery', steps: options.recovery.steps },
      fraction: (done) => shares.at('recovery', done),
    }),
  );
  const { recovered, mixed } = await clock.time('mixed', () =>
    mixPrecisions(run, start, trained, (done) => shares.at('mixed', done)),
  );
  const { model } = recovered;
  const packed = await clock.time('packing', async () => pack(run, model));
  const applied = await clock.time('packing', () =>
    recalibrated(run.measuring, expanded(run, model, packed), run.teacher.halting, () => [
      ...run.text.selection.batches,
      ...questionRows(run, 'free'),
    ]),
  );
  const live = running(run, applied, packed);
  const twinWeights = halved(run, packed);
  const examined = await clock.time('after', () => answersOf(run, live, { items, ...EXAMINED }));
  const findings: Findings = {
    ...{ before, start, untrained, recovered, mixed, packed, applied, examined },
    after: {
      losses: await clock.time('after', () => lossesOf(run, live, 'locked')),
      answers: answered(examined),
    },
    ...{ live, twinWeights },
    agreement: await clock.time('after', () => agreementOf(run, live, { ...applied, weights: twinWeights })),
    speed: await clock.time('speed', () => speedOf(run, run.teacher, live)),
    memory: memoryOf(run, packed),
  };
  return conclude(run, findings);
}

/** Arms of the examination of the packed model: what T1 and T2 need. */
const EXAMINED = { only: ['with', 'without', 'other'], direct: true } as const;

/** Losses and answers of one model. */
export interface Measured {
  readonly losses: Losses;
  readonly answers: Answers;
}

async function measured(run: BitnetRun, model: LiveModel, items: number): Promise<Measured> {
  const losses = await lossesOf(run, model, 'locked');
  return { losses, answers: answered(await answersOf(run, model, thoughtsAlone(items))) };
}
