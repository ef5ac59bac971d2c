import type { DataFacts } from '../../../../core/contracts/data-facts.js';
import { DATASET, type Dataset } from '../../../../core/contracts/dataset.js';
import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { ArtifactRef } from '../../../../core/contracts/model.js';
import type { PlanContext, RecordContext, StoreContext } from '../../../../core/contracts/phase.js';
import { ForgeError } from '../../../../core/errors/index.js';
import {
  datasetFingerprint,
  datasetsToLoad,
  recallSplit,
  splitDatasets,
  splitDocument,
  SPLIT_SCHEMA,
  type SplitDocument,
  type SplitRecords,
  type SplitSides,
} from '../../../../nn/data/index.js';
import { SPLIT_SIDECAR } from '../model/store.js';
import { loadDatasets, type LoadedDataset } from './datasets.js';

/** A dataset with its records on two sides. */
export interface SplitDataset extends Omit<LoadedDataset, 'records'>, SplitSides {}

/** The data of a pipeline, split once at its beginning and as later phases find it. */
export interface SplitData {
  readonly sets: readonly SplitDataset[];
  /** Groups of held-out records (`heldoutKeys`) that are reported on and never chosen by. */
  readonly locked: ReadonlySet<string>;
  /** For metadata and handoff, with the artifact that lists what is held out. */
  readonly facts: DataFacts;
  readonly items: ArtifactRef;
  readonly warnings: readonly string[];
}

/** How the data is split. */
export interface SplitOptions {
  /** Share that is held out. */
  readonly holdout: number;
  readonly answerOnly: boolean;
}

type Reading = Pick<PlanContext, 'resolve' | 'names' | 'data' | 'seed'> &
  Pick<RecordContext, 'log' | 'progress'>;

/**
 * Load datasets and decide, before anything is trained, what is held out and which half of that is locked. By content
 * alone: the same records give the same sides.
 */
export async function fixSplit(
  ctx: Reading & Pick<StoreContext, 'store'>,
  datasets: readonly string[],
  { holdout, answerOnly }: SplitOptions,
): Promise<SplitData & { readonly splits: readonly SplitRecords[] }> {
  const loaded = await loadDatasets(ctx, datasets, ctx.seed);
  const splits = splitDatasets(loaded, { heldoutFraction: holdout });
  const document = splitDocument(splits);
  const items = await storeItems(ctx, document);
  const facts: DataFacts = {
    seed: ctx.seed,
    datasets: loaded.map((set, i) => factsOf(set, splits[i]!)),
    split: {
      method: 'content-hash',
      holdout_fraction: holdout,
      answer_only: answerOnly,
      items: items.sha256,
    },
  };
  const sets = loaded.map(({ name, dataset }, i) => ({ ...splits[i]!, name, dataset }));
  return { sets, splits, locked: new Set(document.locked), facts, items, warnings: [] };
}

/**
 * The data of the models of a handoff, on the sides that were fixed when they were trained: nothing is decided again.
 * Datasets that they were not trained on are split in the same way, after those they were.
 *
 * @param names datasets to give; null: those of the training
 * @throws ForgeError AF_HANDOFF_INVALID when the handoff does not say what was held out
 */
export async function openSplit(
  ctx: Reading & Pick<StoreContext, 'store'>,
  handoff: Handoff,
  names: readonly string[] | null = null,
): Promise<SplitData> {
  const { facts, items, document } = await recorded(ctx, handoff);
  const wanted = names ?? facts.datasets.map(({ name }) => name);
  const { sets, locked, warnings } = await recalled(ctx, { facts, document }, wanted);
  return { sets, locked, facts, items, warnings };
}

/**
 * The data of the models of a handoff and further datasets, to train on as well: those that are new are split now, and
 * facts and items say so for whoever comes later.
 *
 * @param names of the further datasets; one that the models were trained on stays as it is
 * @throws ForgeError as {@link openSplit}
 */
export async function widenSplit(
  ctx: Reading & Pick<StoreContext, 'store'>,
  handoff: Handoff,
  names: readonly string[],
): Promise<SplitData> {
  const { facts, items, document } = await recorded(ctx, handoff);
  const trained = facts.datasets.map(({ name }) => name);
  const wanted = [...new Set([...trained, ...names])];
  const { sets, locked, warnings, fresh, loaded, ...all } = await recalled(ctx, { facts, document }, wanted);
  if (fresh.length === 0) return { sets, locked, facts, items, warnings };
  const stored = await storeItems(ctx, all.document);
  const added = fresh.map((split) =>
    factsOf(
      loaded.find(({ name }) => name === split.name)!,
      split,
    ),
  );
  return {
    ...{ sets, locked, items: stored, warnings },
    facts: {
      ...facts,
      datasets: [...facts.datasets, ...added],
      split: { ...facts.split, items: stored.sha256 },
    },
  };
}

async function recalled(
  ctx: Reading,
  { facts, document }: { readonly facts: DataFacts; readonly document: SplitDocument },
  wanted: readonly string[],
) {
  // Whoever measures on other data need not have the data of the training at hand.
  const needed = datasetsToLoad(facts, wanted, ctx.names(DATASET));
  const loaded = await loadDatasets(ctx, needed, facts.seed);
  const { sides, ...split } = recallSplit({ facts, document }, wanted, loaded);
  const datasetOf = (name: string): Dataset => loaded.find((set) => set.name === name)!.dataset;
  return { ...split, loaded, sets: sides.map((set) => ({ ...set, dataset: datasetOf(set.name) })) };
}

function storeItems({ store }: Pick<StoreContext, 'store'>, document: SplitDocument): Promise<ArtifactRef> {
  return store.put('split.json', `${JSON.stringify(document)}\n`);
}

function factsOf(
  { name, dataset, records }: LoadedDataset,
  { train, heldout, duplicates }: SplitRecords,
): DataFacts['datasets'][number] {
  return {
    name,
    category: dataset.category,
    synthetic: dataset.synthetic,
    fingerprint: datasetFingerprint(records),
    records: { train: train.length, held_out: heldout.length, duplicates },
  };
}

async function recorded(
  ctx: Pick<StoreContext, 'store'>,
  { data: facts, artifacts, source_phase }: Handoff,
): Promise<{ readonly facts: DataFacts; readonly items: ArtifactRef; readonly document: SplitDocument }> {
  const items = artifacts[SPLIT_SIDECAR];
  if (facts === null || items === undefined || items.sha256 !== facts.split.items) {
    throw new ForgeError('AF_HANDOFF_INVALID', 'The handoff does not say what was held out from training.', {
      at: `handoff of ${source_phase}: data, artifacts.${SPLIT_SIDECAR}`,
      fix: 'Run the phases before this one again, or let them hand on what they were given.',
    });
  }
  const document = JSON.parse(await ctx.store.readText(items)) as { readonly schema: string };
  if (document.schema === SPLIT_SCHEMA) return { facts, items, document: document as SplitDocument };
  throw new ForgeError('AF_HANDOFF_INVALID', 'The list of held-out items is of a form that is not known.', {
    at: items.name,
    fix: `It must be ${SPLIT_SCHEMA}: use the agentforge that wrote it.`,
    facts: { found: document.schema },
  });
}
