import { Type } from '@sinclair/typebox';
import type { DataRecord } from '../../core/contracts/dataset.js';
import { withDefault, type OptionsOutput } from '../../core/contracts/options.js';
import type { Fields } from './shared/fields.js';
import { openDataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { mapRecords, recordsOf } from './shared/json-records.js';
import { defineNamedDataset } from './shared/named.js';
import { fileOptions } from './shared/options.js';

const Template = Type.String({
  minLength: 1,
  description: 'A field name, or a template with fields in braces such as "Q: {question}".',
});

const JsonLinesOptions = Type.Object(
  {
    ...fileOptions,
    name: withDefault(
      Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', description: 'Name of the dataset.' }),
      'json-lines',
    ),
    file: withDefault(
      Type.String({ minLength: 1, description: 'File below <data.root>/<name>, without path.' }),
      'train.jsonl',
    ),
    category: withDefault(
      Type.Union([
        Type.Literal('math'),
        Type.Literal('qa'),
        Type.Literal('code'),
        Type.Literal('commonsense'),
        Type.Literal('language'),
      ]),
      'language',
    ),
    text: withDefault(Template, 'text'),
    input: Type.Optional(Template),
    output: Type.Optional(Template),
  },
  { additionalProperties: false, dependencies: { input: ['output'], output: ['input'] } },
);

/**
 * Records of any JSONL file (or a JSON array). With `input` and `output` only the output counts in the loss;
 * otherwise `text` is learnt as it is. Nested fields are written with dots.
 *
 * @example jsonLines({ name: 'faq', path: 'faq.jsonl', input: 'Q: {question}\nA:', output: ' {answer}' })
 */
export const jsonLines = defineNamedDataset({
  name: 'json-lines',
  description: 'Records of a JSONL file, by field names or templates',
  options: JsonLinesOptions,
  create: (options) => ({
    category: options.category,
    synthetic: false,
    load: async (context) => {
      const request = { dataset: options.name, folder: options.name, file: options.file };
      const file = await openDataFile(request, options, context);
      const records = await mapRecords(recordsOf(file), (fields) => toRecord(fields, options));
      return finish(options.name, records, options.limit, context, file.name);
    },
  }),
});

function toRecord(fields: Fields, options: OptionsOutput<typeof JsonLinesOptions>): DataRecord {
  if (options.input === undefined || options.output === undefined)
    return { text: notEmpty(options.text, fields) };
  const input = render(options.input, fields);
  const output = notEmpty(options.output, fields);
  return { text: input + output, input, output };
}

function notEmpty(template: string, fields: Fields): string {
  const rendered = render(template, fields);
  if (rendered.trim() === '') throw fields.problem(`"${template}" gives an empty text`);
  return rendered;
}

function render(template: string, fields: Fields): string {
  if (!template.includes('{')) return lookUp(template, fields);
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => lookUp(name.trim(), fields));
}

function lookUp(path: string, fields: Fields): string {
  const parts = path.split('.');
  const last = parts.pop()!;
  return parts.reduce((inner, part) => inner.object(part), fields).text(last);
}
