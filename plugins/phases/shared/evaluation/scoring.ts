import { createHash } from 'node:crypto';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../../core/errors/index.js';
import {
  evaluationSet,
  questionOf,
  type EvaluationSet,
  type Question,
} from '../../../../nn/evaluation/index.js';
import type { SplitData, SplitDataset } from '../data/split.js';
import type { ScoringOptions } from '../options.js';
import { candidatesOf, spread, whatFits, type Candidate } from './candidates.js';

/** Held-out documents in two parts that share nothing: those to choose by, and the locked ones. */
export interface ScoringData {
  readonly selection: EvaluationSet;
  /** What is scored at the end and never selected on. */
  readonly holdout: EvaluationSet;
  /** Of the locked part: what can be asked and graded, datasets in turn. */
  readonly questions: readonly Question[];
  /** Identifies both parts. */
  readonly hash: string;
  readonly warnings: readonly string[];
}

/**
 * Pack whole held-out documents, free and locked apart as the split says.
 * @param options with `balance` false batches have all the rows that are asked for, however few of them are filled
 * @param at config path of the options, for messages
 * @throws ForgeError AF_DATA_EMPTY when nothing is left to choose by or to report on
 */
export function scoringData(
  data: SplitData,
  tokenizer: Tokenizer,
  options: ScoringOptions & { readonly balance?: boolean },
  at: string,
): ScoringData {
  const { length, rows: mostRows, answerMark: mark, balance = true } = options;
  const { answer_only: answerOnly } = data.facts.split;
  const names = data.sets.map(({ name }) => name);
  const candidates = data.sets.flatMap((set) => candidatesOf(set, tokenizer, { answerOnly, mark }));
  const { fitting, warnings } = whatFits(candidates, { names, locked: data.locked, length });
  const isLocked = ({ key }: Candidate): boolean => data.locked.has(key);
  const free = spread(
    fitting.filter((candidate) => !isLocked(candidate)),
    names,
    options.selection,
  );
  const locked = spread(fitting.filter(isLocked), names, options.holdout);
  if (free.length === 0 || locked.length === 0) throw nothingHeldOut(length, at);
  const padId = tokenizer.special.pad ?? tokenizer.special.eos ?? 0;
  const selection = evaluationSet(documentsOf(free), { rows: mostRows, length, padId, balance });
  const holdout = evaluationSet(documentsOf(locked), { rows: selection.rows, length, padId });
  return {
    selection,
    holdout,
    questions: questionsOf(locked, data.sets, tokenizer),
    hash: hashOf(selection, holdout),
    warnings: [...data.warnings, ...warnings],
  };
}

function documentsOf(candidates: readonly Candidate[]): Candidate['document'][] {
  return candidates.map(({ document }) => document);
}

/** Questions of datasets that grade answers, datasets in turn. */
function questionsOf(
  candidates: readonly Candidate[],
  sets: readonly SplitDataset[],
  tokenizer: Tokenizer,
): Question[] {
  const bySet = sets.map(({ name, dataset }) =>
    candidates.flatMap(({ dataset: own, record }) => {
      const question = own === name ? questionOf(dataset, record, tokenizer) : null;
      return question === null ? [] : [question];
    }),
  );
  const most = Math.max(0, ...bySet.map((own) => own.length));
  return Array.from({ length: most }, (_, i) => bySet.flatMap((own) => own.slice(i, i + 1))).flat();
}

function hashOf(...sets: readonly EvaluationSet[]): string {
  const hash = createHash('sha256');
  for (const { rows, length, batches, documents } of sets) {
    hash.update(JSON.stringify([rows, length, documents]));
    for (const { ids, targets } of batches) hash.update(ids).update(targets);
  }
  return hash.digest('hex');
}

function nothingHeldOut(length: number, at: string): ForgeError {
  return new ForgeError(
    'AF_DATA_EMPTY',
    `No held-out document of at most ${length} tokens is left to choose models by, or none to report on.`,
    { at, fix: `Raise ${at}.length, give larger datasets, or hold out more when training.` },
  );
}
