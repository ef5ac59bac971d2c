import type { Engine } from '../../../core/contracts/engine.js';
import type { PhaseContext, PlanContext } from '../../../core/contracts/phase.js';
import { trainingTexts } from '../../../nn/data/index.js';
import { tokenizerFacts, weightsHash } from '../../../nn/models/index.js';
import {
  checkSplits,
  originWarnings,
  passWarnings,
  requireTargets,
  vocabularyWarnings,
} from '../shared/data/checks.js';
import { heldOutBatches, packCorpus, type Corpus } from '../shared/data/corpus.js';
import { fixSplit, type SplitData } from '../shared/data/split.js';
import { trainTokenizer } from '../shared/data/tokenizer.js';
import type { OwnTokenizer } from '../shared/model/open.js';
import { openOrigin, plannedShape, variantOf, type ModelShape } from '../shared/model/shape.js';
import type { StartingModel } from '../shared/model/start.js';
import { recursionStepsOf, shapeSchedule, type ShapeSchedule } from '../shared/training/stages.js';
import { requireTrainable } from './mixes.js';
import type { CognateOptions, Specialization } from './options.js';
import { PhaseProgress } from './progress.js';
import { sharesOf, type Shares } from './shares.js';

/** Config path of the phase, for messages. */
export const AT = 'phases.cognate';

/** Everything the parts of the phase work with. */
export interface CognateRun {
  readonly ctx: PhaseContext;
  readonly options: CognateOptions;
  /** The folder the trunk goes on from; null: it begins with fresh weights. */
  readonly origin: StartingModel | null;
  readonly data: SplitData;
  readonly tokenizer: OwnTokenizer;
  readonly corpus: Corpus;
  readonly engine: Engine;
  readonly progress: PhaseProgress;
  readonly shares: Shares;
  /** What was left out, cut, or is so little that it will show. */
  readonly warnings: readonly string[];
}

/**
 * Load, dedupe and split the datasets, train the tokenizer on the training split, pack rows. Same input, same bits. Tells
 * what is left out before anything is trained.
 * @throws ForgeError AF_DATA_TOO_SMALL, AF_DATA_WEIGHTS where the data cannot be split or trained on; AF_DATA_CHANGED
 */
export async function prepare(ctx: PhaseContext, options: CognateOptions): Promise<CognateRun> {
  const origin = await openOrigin(ctx, options.model, AT);
  const { answerOnly, holdout, datasets, evaluationRows } = options.data;
  const data = await fixSplit(ctx, datasets, { holdout, answerOnly });
  const warnings = checkSplits(data.splits, AT);
  const tokenizer =
    origin === null
      ? await trainTokenizer(ctx, options.tokenizer, trainingTexts(data.splits))
      : await originTokenizer(ctx, origin);
  const corpus = packCorpus(data.sets, tokenizer, { ...options.training, answerOnly, evaluationRows });
  requireTargets(corpus, AT);
  requireTrainable(corpus, options);
  if (origin === null) {
    const { vocabularySize } = options.tokenizer;
    warnings.push(...vocabularyWarnings(tokenizer.tokenizer.vocabularySize, vocabularySize));
  } else warnings.push(...originWarnings(origin.data, data.facts));
  const { architecture, config } = shapeFor(ctx, options, origin, null);
  const shapes = shapesFor(options, recursionStepsOf(architecture, config.hyperparameters), ctx.seed);
  warnings.push(...passWarnings(corpus, shapes.tokensUpTo(options.maxSteps)));
  for (const warning of warnings) ctx.log.warn(warning);
  ctx.log.info(`records: ${data.facts.datasets.map(describeCounts).join(', ')}`);
  const progress = await PhaseProgress.load(ctx, await subjectOf(corpus, origin));
  const shares = sharesOf(options, shapes, heldOutBatches(corpus).length);
  const engine = await ctx.engine();
  return { ctx, options, origin, data, tokenizer, corpus, engine, progress, shares, warnings };
}

/** What a checkpoint belongs to: the data, and the weights that were gone on from. */
async function subjectOf({ hash }: Corpus, origin: StartingModel | null): Promise<string> {
  return origin === null ? hash : `${hash} ${weightsHash(await origin.readWeights())}`;
}

/** The model of the trunk (null) or of one branch: those differ in constants only, or they could not be merged. */
export function shapeFor(
  ctx: Pick<PlanContext, 'resolve' | 'validate'>,
  options: CognateOptions,
  origin: StartingModel | null,
  branch: Specialization | null,
): ModelShape {
  const { vocabularySize } = options.tokenizer;
  const source = { options: options.model, origin, vocabularySize, at: AT };
  if (branch === null) return plannedShape(ctx, source);
  const { architecture } = plannedShape(ctx, source);
  return plannedShape(ctx, source, {
    ...variantOf(architecture, branch.name, origin === null ? options.model.size : null),
    ...branch.hyperparameters,
  });
}

/** The shapes of a whole run, trunk and branch in one. @param recursionSteps K of the model */
export function shapesFor(
  { training, maxSteps }: Pick<CognateOptions, 'training' | 'maxSteps'>,
  recursionSteps: number,
  seed: number,
): ShapeSchedule {
  return shapeSchedule(training, { totalSteps: maxSteps, recursionSteps, seed });
}

/** The tokenizer of the model to go on from, kept with the models of this session. */
async function originTokenizer(
  ctx: PhaseContext,
  { tokenizer, tokenizerKind }: StartingModel,
): Promise<OwnTokenizer> {
  const ref = await ctx.store.put('tokenizer.json', tokenizer.serialize());
  return { tokenizer, ref, facts: tokenizerFacts(tokenizerKind, tokenizer) };
}

function describeCounts({ name, records }: SplitData['facts']['datasets'][number]): string {
  return `${name} ${records.train.toLocaleString('en-US')} (${records.held_out.toLocaleString('en-US')} held out)`;
}
