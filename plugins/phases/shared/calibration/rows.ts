import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { packDocuments, toDocument, type MixtureWeights, type PackedRow } from '../../../../nn/data/index.js';
import { stream } from '../../../../nn/random/index.js';
import type { SplitData, SplitDataset } from '../data/split.js';

/** Which rows a model is calibrated on. */
export interface CalibrationRowsOptions {
  /** Share of each dataset, as the model was trained; a dataset that is not named has none. */
  readonly shares: MixtureWeights;
  /** Sequences. Default 512. */
  readonly samples?: number;
  /** Tokens of each: those of training. */
  readonly length: number;
  /** Decides which rows are taken where there are more. */
  readonly seed: number;
  /** Config path, for messages. */
  readonly at: string;
}

/** Rows to calibrate on. */
export interface CalibrationRows {
  readonly rows: readonly PackedRow[];
  readonly length: number;
  /** Id that rows are filled with. */
  readonly padId: number;
  /** Rows of each dataset. */
  readonly byDataset: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

const SAMPLES = 512;

/**
 * Sequences of the mix that a model was trained on, of documents that were held out from training and that nothing is
 * reported on: the free ones, never the locked. No row comes twice; where a dataset has too few, the others give more.
 *
 * @throws ForgeError AF_DATA_TOO_SMALL when there is none
 */
export function calibrationRows(
  { sets, locked, facts }: SplitData,
  tokenizer: Tokenizer,
  { shares, samples = SAMPLES, length, seed, at }: CalibrationRowsOptions,
): CalibrationRows {
  const padId = tokenizer.special.pad ?? tokenizer.special.eos ?? 0;
  const answerOnly = facts.split.answer_only;
  const sources = sets
    .filter(({ name }) => (shares[name] ?? 0) > 0)
    .map((set): Source => {
      const free = freeRecords(set, locked);
      const documents = free.map((record) => toDocument(record, tokenizer, { answerOnly, bos: true }));
      const { rows } = packDocuments(documents, length, padId);
      const order = stream(seed, 'calibration', set.name).permutation(rows.length);
      return {
        name: set.name,
        share: shares[set.name]!,
        rows: Array.from(order, (row) => rows[row]!),
      };
    });
  const chosen = inShares(sources, samples);
  if (chosen.length === 0) throw nothingFree(at);
  const byDataset = Object.fromEntries(
    sources.map(({ name }) => [name, chosen.filter((each) => each.name === name).length]),
  );
  const warnings = chosen.length < samples ? [tooFew(chosen.length, samples)] : [];
  return { rows: chosen.map(({ row }) => row), length, padId, byDataset, warnings };
}

interface Source {
  readonly name: string;
  readonly share: number;
  readonly rows: readonly PackedRow[];
}

function freeRecords({ heldout, heldoutKeys }: SplitDataset, locked: ReadonlySet<string>) {
  return heldout.filter((_, i) => !locked.has(heldoutKeys[i]!));
}

/** One row after the other, each of the source that is furthest behind its share (Webster's method), in whatever mix is left. */
function inShares(sources: readonly Source[], samples: number): { name: string; row: PackedRow }[] {
  const taken = new Map(sources.map(({ name }) => [name, 0]));
  const chosen: { name: string; row: PackedRow }[] = [];
  while (chosen.length < samples) {
    const behind = ({ name, share }: Source): number => (taken.get(name)! + 0.5) / share;
    const left = sources.filter(({ name, rows }) => taken.get(name)! < rows.length);
    if (left.length === 0) break;
    const next = left.reduce((least, source) => (behind(source) < behind(least) ? source : least));
    const index = taken.get(next.name)!;
    chosen.push({ name: next.name, row: next.rows[index]! });
    taken.set(next.name, index + 1);
  }
  return chosen;
}

function tooFew(found: number, samples: number): string {
  const count = (of: number): string => of.toLocaleString('en-US');
  return (
    `Calibration reads ${count(found)} of ${count(samples)} sequences: the free held-out documents give no more. ` +
    'Give larger datasets, or hold out more when training.'
  );
}

function nothingFree(at: string): ForgeError {
  return new ForgeError(
    'AF_DATA_TOO_SMALL',
    'There is nothing to calibrate on: no held-out document of the mix is free.',
    {
      at,
      fix: 'Give larger datasets, hold out more when training, or give a share to datasets that have held-out documents.',
    },
  );
}
