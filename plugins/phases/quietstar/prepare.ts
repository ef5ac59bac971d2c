import type { Engine } from '../../../core/contracts/engine.js';
import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import { THOUGHT_TAGS } from '../../../core/contracts/thoughts.js';
import { ForgeError } from '../../../core/errors/index.js';
import { packCorpus, type Corpus } from '../shared/data/corpus.js';
import { widenSplit, type SplitData } from '../shared/data/split.js';
import { requireInput } from '../shared/model/hand-on.js';
import { growModel, storeTokenizer, type GrownModel } from '../shared/model/grow.js';
import { openModel, openTokenizer, type OpenedModel, type OwnTokenizer } from '../shared/model/open.js';
import { requirePlain } from '../shared/model/plain.js';
import { PartClock } from '../shared/part-clock.js';
import { requireFit } from './fit.js';
import { workedData, type WorkedData } from '../shared/thoughts/examples.js';
import type { QuietstarOptions } from './options.js';

/** Config path of the phase, for messages. */
export const AT = 'phases.quietstar';

/** Questions and held-out questions below which nothing can be learnt and said of thoughts. */
const LEAST_RECORDS = 16;

/** Parts of the phase whose seconds are told. */
export type TimedPart =
  | 'preparation'
  | 'ordinary'
  | 'thoughts'
  | 'control'
  | 'thinking'
  | 'choice'
  | 'examination'
  | 'samples'
  | 'text'
  | 'latency';

/** Everything the parts of the phase work with. */
export interface QuietstarRun {
  readonly ctx: PhaseContext;
  readonly options: QuietstarOptions;
  readonly handoff: Handoff;
  readonly champion: OpenedModel;
  /** The champion with the tags in its vocabulary; it has not learnt them yet. */
  readonly grown: GrownModel;
  readonly tokenizer: OwnTokenizer;
  /** Earlier data and reasoning. */
  readonly data: SplitData;
  readonly worked: WorkedData;
  /** What the champion was trained on, as rows: whether it is kept. */
  readonly ordinary: Corpus;
  readonly engine: Engine;
  readonly clock: PartClock<TimedPart>;
}

/**
 * Open the champion, give it the tags, find its data and the reasoning data on their sides.
 * @throws ForgeError AF_HANDOFF_INVALID when it has no tokenizer, cannot grow or is quantised; AF_CONFIG_INVALID when thoughts are too
 * long or too many for it; AF_DATA_TOO_SMALL without thoughts
 */
export async function prepare(
  ctx: PhaseContext,
  options: QuietstarOptions,
  input: Handoff | null,
  clock = new PartClock<TimedPart>(),
): Promise<QuietstarRun> {
  const handoff = requireInput(ctx, input);
  requirePlain(handoff.models[0]!, 'trains');
  const champion = await openModel(ctx, handoff.models[0]!);
  const before = await openTokenizer(ctx, champion.ref);
  const { prompt } = options.baking;
  requireFit(ctx, options, champion, {
    promptTokens: prompt === null ? 0 : before.tokenizer.encode(prompt).length,
  });
  const grown = growModel(ctx, champion, before, THOUGHT_TAGS);
  const tokenizer = await storeTokenizer(ctx, grown);
  const data = await widenSplit(ctx, handoff, options.data.datasets);
  const worked = workedData(data, options.data.datasets);
  requireThoughts(worked, options);
  for (const warning of data.warnings) ctx.log.warn(warning);
  const { training } = options.baking;
  const packing = { ...training, answerOnly: data.facts.split.answer_only, evaluationRows: EVALUATION_ROWS };
  const ordinary = packCorpus(earlierSets(data, options), before, packing);
  return {
    ...{ ctx, options, handoff, champion, grown, tokenizer, data, worked, ordinary, clock },
    engine: await ctx.engine(),
  };
}

/** Held-out rows per dataset of the champion's own. */
const EVALUATION_ROWS = 16;

/** Datasets that the champion was trained on. */
export function earlierSets(
  { sets }: SplitData,
  { data }: Pick<QuietstarOptions, 'data'>,
): SplitData['sets'] {
  return sets.filter(({ name }) => !data.datasets.includes(name));
}

function requireThoughts({ train, free, locked }: WorkedData, { data }: QuietstarOptions): void {
  const fewest = Math.min(train.length, free.length, locked.length);
  if (fewest > 0 && train.length >= LEAST_RECORDS) return;
  throw new ForgeError(
    'AF_DATA_TOO_SMALL',
    `${data.datasets.join(', ')}: too few records have a question, an answer and a thought: ` +
      `${train.length} to learn, ${free.length} to choose by, ${locked.length} to report on.`,
    {
      at: `${AT}.data.datasets`,
      fix: 'Give datasets whose records have input, output and `metadata.trace` (<think>...</think>), as `reasoning` has.',
    },
  );
}
