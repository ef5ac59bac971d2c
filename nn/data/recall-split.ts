import type { DataFacts } from '../../core/contracts/data-facts.js';
import { datasetFingerprint } from './fingerprint.js';
import { splitDatasets, type NamedRecords, type SplitRecords } from './split.js';
import {
  applySplit,
  joinDocuments,
  splitDocument,
  type SplitDocument,
  type SplitSides,
} from './split-document.js';

/** What is recorded of the data of a model: facts, and which records were held out. */
export interface RecordedSplit {
  readonly facts: DataFacts;
  readonly document: SplitDocument;
}

/** Datasets on the sides that were fixed when a model was trained. */
export interface RecalledSplit {
  /** As wanted, in that order. */
  readonly sides: readonly SplitSides[];
  /** Groups of held-out records (`heldoutKeys`) that are reported on and never chosen by. */
  readonly locked: ReadonlySet<string>;
  /** Those of the wanted ones that the model was not trained on, split now. */
  readonly fresh: readonly SplitRecords[];
  /** What is held out now: of the training, and of `fresh`. */
  readonly document: SplitDocument;
  /** What is not as it was when the model was trained. */
  readonly warnings: readonly string[];
}

/**
 * Datasets to load to have some of them on their sides, in the order in which they are split: whoever measures on other
 * data than the training's needs that as well, as far as it is at hand, so that nothing counts that was trained on.
 *
 * @param known datasets that can be loaded
 */
export function datasetsToLoad(
  { datasets }: DataFacts,
  wanted: readonly string[],
  known: readonly string[],
): readonly string[] {
  const trained = datasets.map(({ name }) => name);
  const others = wanted.filter((name) => !trained.includes(name));
  const beside = others.length === 0 ? [] : known;
  return [...trained.filter((name) => wanted.includes(name) || beside.includes(name)), ...others];
}

/**
 * The records of datasets on the sides that were fixed when a model was trained: nothing is decided again. Datasets that
 * it was not trained on are split in the same way, after those it was.
 *
 * @param loaded at least those wanted, as {@link datasetsToLoad} orders them
 */
export function recallSplit(
  { facts, document }: RecordedSplit,
  wanted: readonly string[],
  loaded: readonly NamedRecords[],
): RecalledSplit {
  const trained = facts.datasets.map(({ name }) => name);
  const recorded = loaded.filter(({ name }) => trained.includes(name));
  const sides = new Map(applySplit(document, recorded).map((each) => [each.name, each]));
  const fresh = wanted.every((name) => trained.includes(name))
    ? []
    : splitDatasets(loaded, { heldoutFraction: facts.split.holdout_fraction }).filter(
        ({ name }) => !trained.includes(name),
      );
  for (const split of fresh) sides.set(split.name, split);
  const joined = fresh.length === 0 ? document : joinDocuments(document, splitDocument(fresh));
  return {
    sides: wanted.map((name) => sides.get(name)!),
    locked: new Set(joined.locked),
    fresh,
    document: joined,
    warnings: changes(facts, loaded),
  };
}

function changes({ datasets }: DataFacts, loaded: readonly NamedRecords[]): string[] {
  return loaded.flatMap(({ name, records }) => {
    const before = datasets.find((set) => set.name === name);
    return before === undefined || before.fingerprint === datasetFingerprint(records)
      ? []
      : [`${name} is not what the models were trained on; of its records only those held out then count.`];
  });
}
