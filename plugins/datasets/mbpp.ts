import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { withDefault } from '../../core/contracts/options.js';
import type { Fields } from './shared/fields.js';
import { openDataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { recordsByLine } from './shared/json-records.js';
import { fileOptions } from './shared/options.js';

/** First and last task_id of each split, from the source's README. */
const SPLITS = {
  prompt: [1, 10],
  test: [11, 510],
  validation: [511, 600],
  train: [601, 974],
  all: [1, 974],
} as const;

/**
 * MBPP (Austin et al. 2021): short Python functions from a sentence and tests. One file holds all splits, told apart
 * by `task_id`. Answers are programs: without running them they cannot be graded.
 */
export const mbpp = defineDataset({
  name: 'mbpp',
  description: 'Short Python programs from a description and tests (MBPP)',
  options: Type.Object(
    {
      ...fileOptions,
      split: withDefault(
        Type.Union([
          Type.Literal('train'),
          Type.Literal('validation'),
          Type.Literal('test'),
          Type.Literal('prompt'),
          Type.Literal('all'),
        ]),
        'train',
      ),
      tests: withDefault(
        Type.Integer({ minimum: 0, maximum: 3, description: 'Tests shown with the task.' }),
        1,
      ),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'code',
    synthetic: false,
    load: async (context) => {
      const file = await openDataFile(
        { dataset: 'mbpp', folder: 'mbpp', file: 'mbpp.jsonl' },
        options,
        context,
      );
      const [first, last] = SPLITS[options.split];
      const records: DataRecord[] = [];
      for await (const fields of recordsByLine(file)) {
        const task = fields.number('task_id');
        if (task >= first && task <= last) records.push(toRecord(fields, options.tests));
      }
      return finish('mbpp', records, options.limit, context, `${file.name} (split ${options.split})`);
    },
    grade: () => null,
  }),
});

function toRecord(fields: Fields, tests: number): DataRecord {
  const shown = fields.strings('test_list').slice(0, tests);
  const code = fields.string('code').replace(/\r\n?/g, '\n').trimEnd();
  const input = `${['Task: ' + fields.string('text').trim(), ...shown].join('\n')}\nPython:`;
  const output = `\n${code}`;
  return { text: input + output, input, output, metadata: { task: fields.number('task_id') } };
}
