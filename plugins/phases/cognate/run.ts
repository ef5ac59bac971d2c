import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { ForgeError } from '../../../core/errors/index.js';
import { curriculum } from '../../../nn/data/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { warmupCosine } from '../../../nn/optim/index.js';
import { createTrainer, fromGroup, type Trainer } from '../../../nn/training/index.js';
import { finishBranch, type FinishedBranch } from './branch.js';
import { prepareCorpus } from './corpus.js';
import { PhaseProgress } from './progress.js';
import { conclude } from './conclude.js';
import { batchProgress, heldOutBatches, mixture, sampler, type CognateRun, type Trunk } from './shared.js';
import type { CognateOptions, Specialization } from './options.js';
import { branchSeed, setupModel, startOf, trainingModel, trunkSteps, type ModelSetup } from './setup.js';
import { PhaseShares } from './shares.js';
import { runStage, type Stage, type StageOutcome } from './stage.js';

/** Run phase 1: trunk, branches, measurements. Goes on from whatever its checkpoints hold. */
export async function runCognate(ctx: PhaseContext, options: CognateOptions): Promise<PhaseResult> {
  const corpus = await prepareCorpus(ctx, options);
  const progress = await PhaseProgress.load(ctx, corpus.hash);
  const shares = new PhaseShares(options, heldOutBatches(corpus).length);
  const run: CognateRun = { ctx, options, start, corpus, engine: await ctx.engine(), progress, shares };
  const trunk = await growTrunk(run);
  const finished: FinishedBranch[] = [];
  for (const [i, branch] of options.specializations.entries()) {
    const done = progress.finished(branch.name) ?? (await growBranch(run, trunk, branch, i));
    finished.push(done);
  }
  return conclude(run, trunk, finished);
}

async function growTrunk(run: CognateRun): Promise<Trunk> {
  const { ctx, options, progress, start } = run;
  const setup = setupModel(ctx, options, null, start);
  const area = ctx.checkpoints.child('trunk');
  if (progress.trunk === null) {
    const trainer = await openTrainer(
      run,
      { setup, branch: null },
      start === null ? initializeWeights(setup.tensors, ctx.seed) : await start.readWeights(),
      ctx.seed,
    );
    try {
      const heldOutAtStart = progress.heldOutAtStart ?? (await heldOutLoss(run, trainer));
      await progress.started(heldOutAtStart);
      await runStage(ctx, options, trunkStage(run, trainer), null);
      const weights = await ctx.store.putTensors('base.safetensors', await trainer.weights('ema'), {
        metadata: { format: 'pt', architecture: setup.config.architecture, content: 'common trunk' },
      });
      await progress.trunkDone(weights);
    } finally {
      await trainer.dispose();
    }
  }
  const end = await area.latest();
  if (end === null || progress.trunk === null || progress.heldOutAtStart === null) {
    throw new ForgeError('AF_CHECKPOINT_STATE', 'The checkpoint of the finished trunk is gone.', {
      at: `session ${ctx.sessionId}, cognate/trunk`,
      fix: `start again: agentforge rollback ${ctx.sessionId}, or a new session`,
    });
  }
  return { weights: progress.trunk, heldOutAtStart: progress.heldOutAtStart, end };
}

async function growBranch(
  run: CognateRun,
  trunk: Trunk,
  branch: Specialization,
  index: number,
): Promise<FinishedBranch> {
  const { ctx, options, progress, start } = run;
  const setup = setupModel(ctx, options, branch, start);
  const seed = branchSeed(ctx.seed, branch);
  const trainer = await openTrainer(run, { setup, branch }, fromGroup('param', trunk.end.tensors), seed);
  try {
    const stage = branchStage(run, trainer, branch, index, seed);
    const outcome: StageOutcome = await runStage(ctx, options, stage, trunk.end);
    const finished = await finishBranch({ ...run, trunk, branch, setup, trainer, outcome, seed });
    await progress.branchDone(finished);
    return finished;
  } finally {
    await trainer.dispose();
  }
}

function trunkStage(run: CognateRun, trainer: Trainer): Stage {
  const { ctx, options, corpus } = run;
  return {
    ...sharedStage(run, trainer),
    name: 'trunk',
    metricPrefix: null,
    area: ctx.checkpoints.child('trunk'),
    lastStep: trunkSteps(options),
    earlyStop: null,
    source: sampler(run, ctx.seed, () => mixture(corpus, options, options.data.trunkMix)),
  };
}

/** A branch goes on with the trunk's schedule and moves smoothly from the trunk's mix of data to its own. */
function branchStage(
  run: CognateRun,
  trainer: Trainer,
  branch: Specialization,
  index: number,
  seed: number,
): Stage {
  const { ctx, options, corpus } = run;
  const first = trunkSteps(options);
  const weightsAt = curriculum({
    stages: [
      { from: 0, weights: mixture(corpus, options, options.data.trunkMix) },
      { from: first / options.maxSteps, weights: mixture(corpus, options, branch.mix) },
    ],
    totalSteps: options.maxSteps,
  });
  return {
    ...sharedStage(run, trainer),
    name: branch.name,
    metricPrefix: `model_${index + 1}`,
    area: ctx.checkpoints.child(branch.name),
    lastStep: options.maxSteps,
    earlyStop: options.training.earlyStop,
    source: sampler(run, seed, (step) => weightsAt(first + step)),
  };
}

function sharedStage(
  { options, corpus, shares }: CognateRun,
  trainer: Trainer,
): Pick<Stage, 'trainer' | 'schedule' | 'heldOut' | 'corpusHash' | 'shares'> {
  const { warmupSteps, floor } = options.training;
  return {
    trainer,
    schedule: (step) => warmupCosine(step, { warmupSteps, totalSteps: options.maxSteps, finalScale: floor }),
    heldOut: heldOutBatches(corpus),
    corpusHash: corpus.hash,
    shares,
  };
}

async function openTrainer(
  { engine, options, ctx }: CognateRun,
  { setup, branch }: { readonly setup: ModelSetup; readonly branch: Specialization | null },
  weights: Parameters<typeof createTrainer>[1],
  seed: number,
): Promise<Trainer> {
  const { rows, length, accumulation, clipNorm } = options.training;
  const model = trainingModel(ctx, options, setup, branch);
  return createTrainer({ engine, model, shape: { rows, length }, accumulation, clipNorm, seed }, weights);
}

/** Held-out loss of the untrained model. */
async function heldOutLoss({ ctx, corpus, shares }: CognateRun, trainer: Trainer): Promise<number> {
  const batches = heldOutBatches(corpus);
  const told = batchProgress(ctx, 'untrained: held-out loss', batches.length, (done) =>
    shares.untrained(done),
  );
  return (await trainer.evaluate('ema', batches, told)).crossEntropy;
}
