import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { withDefault } from '../../core/contracts/options.js';
import { choiceRecord, gradeChoice } from './shared/choice.js';
import type { Fields } from './shared/fields.js';
import { openDataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { recordsByLine } from './shared/json-records.js';
import { fileOptions } from './shared/options.js';

const SUBSETS = { easy: ['Easy'], challenge: ['Challenge'], all: ['Easy', 'Challenge'] } as const;

/**
 * ARC (Clark et al. 2018): science questions with three to five options. Reads the Hugging Face form
 * (`choices.text[]`, `choices.label[]`, `answerKey`); keys are A-E or 1-5 and become letters.
 */
export const arc = defineDataset({
  name: 'arc',
  description: 'Grade school science questions with options (ARC Easy and Challenge)',
  options: Type.Object(
    {
      ...fileOptions,
      subset: withDefault(
        Type.Union([Type.Literal('easy'), Type.Literal('challenge'), Type.Literal('all')]),
        'all',
      ),
      split: withDefault(
        Type.Union([Type.Literal('train'), Type.Literal('validation'), Type.Literal('test')]),
        'train',
      ),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'qa',
    synthetic: false,
    load: async (context) => {
      const records: DataRecord[] = [];
      const sources: string[] = [];
      // a single file given by the user holds what it holds; the subset chooses among the usual names
      const subsets =
        options.download === undefined ? SUBSETS[options.subset] : SUBSETS[options.subset].slice(0, 1);
      for (const subset of subsets) {
        const request = { dataset: 'arc', folder: 'arc', file: `ARC-${subset}-${options.split}.jsonl` };
        const file = await openDataFile(request, options, context);
        if (sources.includes(file.name)) continue;
        sources.push(file.name);
        for await (const fields of recordsByLine(file)) records.push(toRecord(fields, subset.toLowerCase()));
      }
      return finish('arc', records, options.limit, context, sources.join(', '));
    },
    grade: gradeChoice,
  }),
});

function toRecord(fields: Fields, subset: string): DataRecord {
  const choices = fields.object('choices');
  const labels = choices.strings('label');
  const texts = choices.strings('text');
  const key = fields.string('answerKey');
  if (labels.length !== texts.length)
    throw fields.problem(`${labels.length} labels for ${texts.length} options`);
  const answer = labels.indexOf(key);
  if (answer < 0) throw fields.problem(`answerKey "${key}" is none of the labels ${labels.join(', ')}`);
  return choiceRecord(fields.string('question').trim(), texts, answer, { id: fields.text('id'), subset });
}
