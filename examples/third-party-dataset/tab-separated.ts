import { defineDataset, Type } from 'agentforge';
import {
  fileOptions,
  finish,
  gradeText,
  linesOf,
  malformed,
  openDataFile,
  questionRecord,
} from 'agentforge/datasets';

const REQUEST = { dataset: 'tab-separated', folder: '.', file: 'questions.tsv' };

/** Questions and answers of a spreadsheet: one pair per line, a tab between them. */
export const tabSeparated = defineDataset({
  name: 'tab-separated',
  description: 'Questions and answers, one pair per line with a tab between them',
  options: Type.Object(fileOptions, { additionalProperties: false }),
  create: (options) => ({
    category: 'qa',
    synthetic: false,
    load: async (context) => {
      const file = await openDataFile(REQUEST, options, context);
      const records = [];
      for await (const { line, text } of linesOf(file)) {
        if (text.trim() !== '') records.push(recordOf(text, `${file.name}:${line}`));
      }
      return finish(REQUEST.dataset, records, options.limit, context, file.name);
    },
    grade: gradeText,
  }),
});

function recordOf(line: string, at: string) {
  const [question = '', answer = '', ...more] = line.split('\t').map((cell) => cell.trim());
  if (question !== '' && answer !== '' && more.length === 0)
    return questionRecord(question, answer, { answer });
  throw malformed(at, 'the line is not a question, a tab and an answer');
}

export default tabSeparated;
