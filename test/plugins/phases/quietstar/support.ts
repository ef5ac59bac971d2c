import type { Dataset } from '../../../../core/contracts/dataset.js';
import type { ArmAnswer, ArmName, OwnThought } from '../../../../nn/evaluation/index.js';
import { clonePlain } from '../../../../core/validation/plain.js';
import { loadValidator } from '../../../../core/validation/validator.js';
import type { Examined } from '../../../../plugins/phases/shared/thoughts/examine.js';
import type { WorkedRecord } from '../../../../plugins/phases/shared/thoughts/examples.js';
import { QuietstarOptions } from '../../../../plugins/phases/quietstar/options.js';
import { tinyQuietstar } from '../../../support/tiny-quietstar.js';

const DATASET: Dataset = { category: 'math', synthetic: true, load: () => Promise.resolve([]) };

export function record(changes: Partial<WorkedRecord> = {}): WorkedRecord {
  const [question, answer] = ['1+1=', ' 2'];
  return {
    ...{ dataset: DATASET, record: { text: question + answer }, question, answer },
    ...{ trace: '<think>2</think>', strategy: 'chain-of-thought', family: 'sums', part: 'known' },
    ...changes,
  };
}

/** Answers of an arm: right where the letter is `r`. */
export function answers(letters: string): ArmAnswer[] {
  return [...letters].map((letter) => ({ right: letter === 'r', answer: letter, cut: false, thought: null }));
}

export function thought(ids: readonly number[], ended = true): OwnThought {
  return { ids, ended, direct: [] };
}

/** Questions as they were answered. @param arms by arm, a letter for each question */
export function examined(
  records: readonly WorkedRecord[],
  arms: Readonly<Partial<Record<ArmName, string>>>,
  thoughts: readonly OwnThought[] = records.map(() => thought([1])),
): Examined {
  const items = records.map((_, i) => i);
  const graded = Object.entries(arms).map(([arm, letters]) => [arm, answers(letters)]);
  return { part: 'known', records, arms: { items, unfit: 0, thoughts, arms: Object.fromEntries(graded) } };
}

/** The options of a tiny run with every default filled in. */
export async function completeOptions(
  overrides: Parameters<typeof tinyQuietstar>[0] = {},
): Promise<QuietstarOptions> {
  const options = clonePlain(tinyQuietstar(overrides)) as QuietstarOptions;
  const validator = await loadValidator();
  const problems = validator.validate(QuietstarOptions, options, { at: '', fillDefaults: true });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return options;
}
