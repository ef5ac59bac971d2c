import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { withDefault } from '../../core/contracts/options.js';
import { choiceRecord, gradeChoice } from './shared/choice.js';
import type { Fields } from './shared/fields.js';
import { openDataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { mapRecords, recordsByLine } from './shared/json-records.js';
import { fileOptions } from './shared/options.js';

const FILES = { train: 'train_rand_split.jsonl', validation: 'dev_rand_split.jsonl' } as const;

/** CommonsenseQA (Talmor et al. 2019): everyday questions with five options. Reads the files of the random split. */
export const commonsenseqa = defineDataset({
  name: 'commonsenseqa',
  description: 'Everyday questions with five options (CommonsenseQA)',
  options: Type.Object(
    {
      ...fileOptions,
      split: withDefault(Type.Union([Type.Literal('train'), Type.Literal('validation')]), 'train'),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'commonsense',
    synthetic: false,
    load: async (context) => {
      const request = { dataset: 'commonsenseqa', folder: 'commonsenseqa', file: FILES[options.split] };
      const file = await openDataFile(request, options, context);
      const records = await mapRecords(recordsByLine(file), toRecord);
      return finish('commonsenseqa', records, options.limit, context, file.name);
    },
    grade: gradeChoice,
  }),
});

function toRecord(fields: Fields): DataRecord {
  const question = fields.object('question');
  const choices = question.objects('choices');
  const key = fields.string('answerKey');
  const answer = choices.findIndex((choice) => choice.string('label') === key);
  if (answer < 0) throw fields.problem(`answerKey "${key}" is none of the labels`);
  const texts = choices.map((choice) => choice.string('text').trim());
  return choiceRecord(question.string('stem').trim().replace(/\s+/g, ' '), texts, answer, {
    id: fields.text('id'),
    concept: question.text('question_concept'),
  });
}
