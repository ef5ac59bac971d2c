import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { withDefault } from '../../core/contracts/options.js';
import type { Fields } from './shared/fields.js';
import { openDataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { answeredNumber, gradeNumber } from './shared/grading.js';
import { mapRecords, recordsByLine } from './shared/json-records.js';
import { fileOptions } from './shared/options.js';
import { FINAL_ANSWER, questionRecord } from './shared/question.js';
import { CALCULATION, rationaleTrace } from './shared/rationale.js';

/**
 * GSM8K (Cobbe et al. 2021): grade school problems whose solutions end in `#### N`. Reads the source's JSONL with
 * `question` and `answer`. `metadata.trace` has the solution as a thought, for training that puts one before the answer.
 */
export const gsm8k = defineDataset({
  name: 'gsm8k',
  description: 'Grade school word problems with worked solutions (GSM8K)',
  options: Type.Object(
    {
      ...fileOptions,
      split: withDefault(Type.Union([Type.Literal('train'), Type.Literal('test')]), 'train'),
      calculations: withDefault(
        Type.Union([Type.Literal('strip'), Type.Literal('keep')], {
          description: 'What to do with <<a*b=c>> marks.',
        }),
        'strip',
      ),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'math',
    synthetic: false,
    load: async (context) => {
      const request = { dataset: 'gsm8k', folder: 'gsm8k', file: `${options.split}.jsonl` };
      const file = await openDataFile(request, options, context);
      const keep = options.calculations === 'keep';
      const records = await mapRecords(recordsByLine(file), (fields) => toRecord(fields, keep));
      return finish('gsm8k', records, options.limit, context, file.name);
    },
    grade: gradeNumber,
  }),
});

function toRecord(fields: Fields, keepCalculations: boolean): DataRecord {
  const written = fields.string('answer');
  const solution = keepCalculations ? written : written.replace(CALCULATION, '');
  const answer = written.includes(FINAL_ANSWER) ? answeredNumber(written) : null;
  if (answer === null) throw fields.problem(`field "answer" does not end in "${FINAL_ANSWER} <number>"`);
  const metadata = { answer: String(answer) };
  const record = questionRecord(fields.string('question').trim(), solution.trim(), metadata);
  const trace = rationaleTrace(record);
  return trace === null ? record : { ...record, metadata: { ...metadata, trace } };
}
