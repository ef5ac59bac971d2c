import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { toDocument, type DocumentOptions } from './document.js';
import { packDocuments, type PackedRows } from './pack.js';
import type { SplitRecords } from './split.js';

type Sides = Pick<SplitRecords, 'name' | 'train' | 'heldout'>;

/** A dataset as rows, training and held-out apart. */
export interface PackedDataset {
  readonly name: string;
  readonly train: PackedRows;
  readonly heldout: PackedRows;
}

export interface CorpusOptions extends DocumentOptions {
  /** Tokens per row. */
  readonly rowLength: number;
}

/** Texts of the training splits, for training the tokenizer. */
export function* trainingTexts(splits: readonly Sides[]): Iterable<string> {
  for (const { train } of splits) for (const record of train) yield record.text;
}

/** Tokenise and pack every split. Rows are padded with the tokenizer's pad, or its eos where it has none. */
export function packDatasets(
  splits: readonly Sides[],
  tokenizer: Tokenizer,
  options: CorpusOptions,
): readonly PackedDataset[] {
  const padId = tokenizer.special.pad ?? tokenizer.special.eos ?? 0;
  const pack = (records: SplitRecords['train']): PackedRows =>
    packDocuments(
      records.map((record) => toDocument(record, tokenizer, options)),
      options.rowLength,
      padId,
    );
  return splits.map(({ name, train, heldout }) => ({ name, train: pack(train), heldout: pack(heldout) }));
}
