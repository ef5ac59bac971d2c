import type { DataFacts } from '../../../../core/contracts/data-facts.js';
import { ForgeError } from '../../../../core/errors/index.js';
import type { SplitRecords } from '../../../../nn/data/index.js';
import type { Corpus } from './corpus.js';

/** Passes over the training data from which on models learn it by heart rather than anything from it. */
const MANY_PASSES = 100;
const LEAST_HELD_OUT = 2;

/**
 * What was left out or cut when splitting, one line per dataset and fact.
 * @param at config path of the phase, for messages
 * @throws ForgeError AF_DATA_TOO_SMALL when nothing is left to train on, or too little is held out to choose and to report
 */
export function checkSplits(splits: readonly SplitRecords[], at: string): string[] {
  const train = splits.reduce((sum, split) => sum + split.train.length, 0);
  const groups = new Set(splits.flatMap((split) => split.heldoutKeys)).size;
  if (train === 0 || groups < LEAST_HELD_OUT) throw tooSmall(splits, at);
  return splits.flatMap(describeSplit);
}

/** @throws ForgeError AF_DATA_TOO_SMALL when no loss could be measured */
export function requireTargets({ sets }: Corpus, at: string): void {
  if (sets.some(({ heldOutTargets }) => heldOutTargets > 0)) return;
  throw new ForgeError(
    'AF_DATA_TOO_SMALL',
    'Nothing that is held out can be predicted: no loss could be measured.',
    { at: `${at}.data`, fix: 'Give records with longer answers, or set data.answerOnly to false.' },
  );
}

/** @param vocabulary ids that the tokenizer learnt @param asked ids it was given room for */
export function vocabularyWarnings(vocabulary: number, asked: number): string[] {
  if (vocabulary >= asked) return [];
  return [
    `The tokenizer has ${vocabulary.toLocaleString('en-US')} of ${counted(asked, 'token')}: the texts give no more. ` +
      'The rest of the embedding is never used; a smaller tokenizer.vocabularySize makes smaller models.',
  ];
}

/** @param trained tokens that training reads in all */
export function passWarnings({ sets }: Corpus, trained: number): string[] {
  const tokens = sets.reduce((sum, { trainTokens }) => sum + trainTokens, 0);
  const passes = trained / tokens;
  if (passes < MANY_PASSES) return [];
  return [
    `The models see the training data (${counted(tokens, 'token')}) about ${Math.round(passes).toLocaleString('en-US')} times: ` +
      'they will learn it by heart. Give more text, or lower maxSteps.',
  ];
}

/**
 * What is held out of this training may have been trained on before.
 * @param before data of the model that is gone on from; null where nobody knows
 */
export function originWarnings(before: DataFacts | null, now: DataFacts): string[] {
  if (before !== null && before.split.items === now.split.items) return [];
  const why =
    before === null
      ? 'Nobody recorded what the model to go on from was trained on'
      : 'The model to go on from was trained on other data, or on data that was split otherwise';
  return [
    `${why}: what is held out now may have been trained on before, and its loss may flatter the model.`,
  ];
}

function tooSmall(splits: readonly SplitRecords[], at: string): ForgeError {
  const found = splits.map(({ name, given, duplicates }) => {
    const repeated = duplicates === 0 ? '' : `, ${duplicates.toLocaleString('en-US')} more repeat them`;
    return `${name} has ${counted(given - duplicates, 'different record')}${repeated}`;
  });
  return new ForgeError(
    'AF_DATA_TOO_SMALL',
    `There is too little data to train on some and hold out the rest: ${found.join('; ')}.`,
    {
      at: `${at}.data.datasets`,
      fix: 'Give at least three different records, or a text of 100 characters or more; or list another dataset beside it.',
    },
  );
}

function describeSplit({ name, given, train, heldout, duplicates, parts }: SplitRecords): string[] {
  const lines: string[] = [];
  if (duplicates > 0) {
    const left = train.length === 0 ? ': nothing of it is trained on' : '';
    lines.push(
      `${name}: ${duplicates.toLocaleString('en-US')} of ${counted(given, 'record')} repeat an earlier text and are left out${left}.`,
    );
  }
  if (parts.length > 0) {
    lines.push(
      `${name}: there are too few documents to hold out a whole one; one is cut by position, and its end is held out.`,
    );
  }
  if (train.length > 0 && heldout.length === 0) {
    lines.push(`${name}: nothing is held out, it cannot be split; no loss is measured on it.`);
  }
  if (train.length === 0 && heldout.length > 0) {
    lines.push(
      `${name}: nothing of it is trained on: all its questions are held out with those of other datasets.`,
    );
  }
  return lines;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
