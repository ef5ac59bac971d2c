import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { withDefault } from '../../core/contracts/options.js';
import type { Fields } from './shared/fields.js';
import { openDataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { gradeNumber } from './shared/grading.js';
import { mapRecords, recordsOfArray } from './shared/json-records.js';
import { fileOptions } from './shared/options.js';
import { questionRecord, reasonedAnswer } from './shared/question.js';

/**
 * SVAMP (Patel et al. 2021): one-step word problems in varied wordings. Reads `SVAMP.json`; the equation is the
 * reasoning. The set has no training split of its own: all 1,000 problems are read.
 */
export const svamp = defineDataset({
  name: 'svamp',
  description: 'Elementary word problems in varied wordings (SVAMP)',
  options: Type.Object(
    {
      ...fileOptions,
      equation: withDefault(Type.Boolean({ description: 'Write the equation before the answer.' }), true),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'math',
    synthetic: false,
    load: async (context) => {
      const file = await openDataFile(
        { dataset: 'svamp', folder: 'svamp', file: 'SVAMP.json' },
        options,
        context,
      );
      const records = await mapRecords(recordsOfArray(file), (fields) => toRecord(fields, options.equation));
      return finish('svamp', records, options.limit, context, file.name);
    },
    grade: gradeNumber,
  }),
});

function toRecord(fields: Fields, withEquation: boolean): DataRecord {
  const answer = String(fields.number('Answer'));
  const reasoning = withEquation ? `${plainEquation(fields.string('Equation'))} = ${answer}` : '';
  const question = `${sentence(fields.string('Body'))} ${fields.string('Question').trim()}`;
  return questionRecord(question, reasonedAnswer(reasoning, answer), {
    answer,
    kind: fields.text('Type'),
    id: fields.text('ID'),
  });
}

/** The body is often cut before its full stop. */
function sentence(body: string): string {
  const trimmed = body.trim();
  return /[.!?,;:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** `( ( 8.0 + 2.0 ) * 3.0 )` reads `(8 + 2) * 3`. */
function plainEquation(equation: string): string {
  const plain = equation
    .replace(/(\d+)\.0\b/g, '$1')
    .replace(/\(\s+/g, '(')
    .replace(/\s+\)/g, ')')
    .trim();
  return isWrapped(plain) ? plain.slice(1, -1) : plain;
}

/** Whether one pair of brackets holds everything. */
function isWrapped(expression: string): boolean {
  let depth = 0;
  for (let at = 0; at < expression.length; at++) {
    if (expression[at] === '(') depth++;
    if (expression[at] === ')') depth--;
    if (depth === 0) return at > 0 && at === expression.length - 1;
  }
  return false;
}
