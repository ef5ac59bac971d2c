import type { DataRecord } from '../../core/contracts/dataset.js';
import { contentHash } from './content-hash.js';
import { lockedGroups } from './locked.js';
import type { CutPart, NamedRecords, SplitRecords } from './split.js';

/** Schema id of a split document. */
export const SPLIT_SCHEMA = 'agentforge:split@1';

/**
 * What was held out of each dataset, by content hash, as stored beside models: later phases read it and decide nothing
 * again. JSON.
 */
export interface SplitDocument {
  readonly schema: typeof SPLIT_SCHEMA;
  readonly datasets: Readonly<Record<string, DatasetSplit>>;
  /** Groups of held-out records that are reported on and never chosen by. */
  readonly locked: readonly string[];
}

export interface DatasetSplit {
  /** Held-out records: content hash of the text, and of what decided its side (equal for what must stay together). */
  readonly held_out: readonly (readonly [text: string, group: string])[];
  /** Of a text that was cut: where its parts lie. */
  readonly parts: readonly CutPart[];
}

/** A dataset on its two sides. */
export type SplitSides = Pick<SplitRecords, 'name' | 'train' | 'heldout' | 'heldoutKeys'>;

/** The document of a split, its locked groups chosen. The same split gives the same document. */
export function splitDocument(splits: readonly SplitRecords[]): SplitDocument {
  const locked = lockedGroups(splits.flatMap(({ heldoutKeys }) => heldoutKeys));
  return {
    schema: SPLIT_SCHEMA,
    datasets: Object.fromEntries(splits.map((split) => [split.name, datasetSplit(split)])),
    locked: [...locked].sort(),
  };
}

/** The document of datasets that were split at different times. */
export function joinDocuments(first: SplitDocument, later: SplitDocument): SplitDocument {
  return {
    schema: SPLIT_SCHEMA,
    datasets: { ...first.datasets, ...later.datasets },
    locked: [...new Set([...first.locked, ...later.locked])].sort(),
  };
}

function datasetSplit({ heldout, heldoutKeys, parts }: SplitRecords): DatasetSplit {
  const cut = new Set(parts.map(({ group }) => group));
  const held = heldout.map(({ text }, i): readonly [string, string] => [contentHash(text), heldoutKeys[i]!]);
  return { held_out: held.filter(([, group]) => !cut.has(group)), parts };
}

/**
 * The records of datasets on the sides they were given. A record of which the document says nothing is trained on; a
 * text that came before, in any of the datasets, is left out.
 */
export function applySplit(
  document: SplitDocument,
  datasets: readonly NamedRecords[],
): readonly SplitSides[] {
  const seen = new Set<string>();
  return datasets.map(({ name, records }) => {
    const { held_out: held, parts } = document.datasets[name] ?? { held_out: [], parts: [] };
    const groups = new Map(held);
    const train: DataRecord[] = [];
    const heldout: { readonly record: DataRecord; readonly key: string }[] = [];
    for (const record of records) {
      const text = contentHash(record.text);
      if (seen.has(text)) continue;
      seen.add(text);
      const key = groups.get(text);
      const own = parts.filter(({ of }) => of === text);
      if (key !== undefined) heldout.push({ record, key });
      else if (own.length === 0) train.push(record);
      for (const { start, end, group, side } of own) {
        const part = { ...record, text: record.text.slice(start, end) };
        if (side === 'train') train.push(part);
        else heldout.push({ record: part, key: group });
      }
    }
    return {
      name,
      train,
      heldout: heldout.map(({ record }) => record),
      heldoutKeys: heldout.map(({ key }) => key),
    };
  });
}
