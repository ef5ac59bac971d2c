import type { DataRecord } from '../../core/contracts/dataset.js';
import { contentHash } from './content-hash.js';

/** Answers that one question may have; a prompt with more is an instruction, not a question. */
const MOST_ANSWERS = 8;

/** A record that is no duplicate, with the content hash of its text. */
export interface DistinctRecord {
  readonly record: DataRecord;
  readonly textHash: string;
}

/** A record with the content hash of what decides the side it falls on: equal for records that must stay together. */
export interface KeyedRecord {
  readonly record: DataRecord;
  readonly key: string;
  /** Whether it shares its prompt with so many others that they are split one by one. */
  readonly instructed: boolean;
  /** Of a part of a text that was cut: the whole text. */
  readonly whole?: string;
}

/**
 * The key of a record is `metadata.group` where a dataset gives one, else its input, else its text. An input that is no
 * question but an instruction says nothing about the answer: it does not tie its records together. An instruction is
 * an input with more than eight different answers, or one that more than half of a dataset's records have.
 */
export function keyRecords(
  datasets: readonly (readonly DistinctRecord[])[],
): readonly (readonly KeyedRecord[])[] {
  const bound = datasets.map((records) => records.map(bindingOf));
  const instructions = findInstructions(bound);
  return bound.map((records) =>
    records.map(({ record, key, textHash, byInput }) => {
      const instructed = byInput && instructions.has(key);
      return { record, key: instructed ? textHash : key, instructed };
    }),
  );
}

interface Binding extends DistinctRecord {
  readonly key: string;
  readonly byInput: boolean;
}

function bindingOf({ record, textHash }: DistinctRecord): Binding {
  const group = record.metadata?.['group'];
  if (group !== undefined) return { record, textHash, key: contentHash(String(group)), byInput: false };
  if (record.input === undefined) return { record, textHash, key: textHash, byInput: false };
  return { record, textHash, key: contentHash(record.input), byInput: true };
}

function findInstructions(datasets: readonly (readonly Binding[])[]): ReadonlySet<string> {
  const all = countInputs(datasets.flat());
  const instructions = new Set([...all].filter(([, count]) => count > MOST_ANSWERS).map(([key]) => key));
  for (const records of datasets) {
    for (const [key, count] of countInputs(records)) {
      if (count > 1 && count > records.length / 2) instructions.add(key);
    }
  }
  return instructions;
}

function countInputs(records: readonly Binding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { key, byInput } of records) if (byInput) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
