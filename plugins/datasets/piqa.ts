import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../contracts/dataset.js';
import { pathOption, withDefault } from '../../contracts/options.js';
import { choiceRecord, gradeChoice } from './shared/choice.js';
import type { Fields } from './shared/fields.js';
import { readDataFile, type TextFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { recordsByLine, malformed } from './shared/json-records.js';
import { DownloadOption, fileOptions } from './shared/options.js';

const FILES = {
  train: ['train.jsonl', 'train-labels.lst'],
  validation: ['valid.jsonl', 'valid-labels.lst'],
} as const;

/**
 * PIQA (Bisk et al. 2020): which of two ways reaches a goal. Questions and labels are two files, line by line. The
 * default is the validation split, the one that is small enough to be passed around.
 */
export const piqa = defineDataset({
  name: 'piqa',
  description: 'Everyday physical goals with two solutions to choose from (PIQA)',
  options: Type.Object(
    {
      ...fileOptions,
      labelsPath: Type.Optional(pathOption({ description: 'The file of labels; default: beside `path`.' })),
      labelsDownload: Type.Optional(DownloadOption),
      split: withDefault(Type.Union([Type.Literal('train'), Type.Literal('validation')]), 'validation'),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'commonsense',
    synthetic: false,
    load: async (context) => {
      const [questions, labels] = FILES[options.split];
      const request = { dataset: 'piqa', folder: 'piqa' };
      const file = await readDataFile({ ...request, file: questions }, options, context);
      const labelChoice = {
        path: options.labelsPath ?? labelsBeside(options.path),
        download: options.labelsDownload,
      };
      const labelFile = await readDataFile({ ...request, file: labels }, labelChoice, context);
      return finish('piqa', pair(recordsByLine(file), labelFile), options.limit, context, file.name);
    },
    grade: gradeChoice,
  }),
});

/** `valid.jsonl` has its labels in `valid-labels.lst`; a folder holds both. */
function labelsBeside(path: string | undefined): string | undefined {
  return path?.replace(/\.jsonl$/, '-labels.lst');
}

function pair(questions: readonly Fields[], labels: TextFile): readonly DataRecord[] {
  const lines = labels.text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length !== questions.length) {
    throw malformed(labels.name, `${lines.length} labels for ${questions.length} questions`);
  }
  return questions.map((fields, index) => {
    const label = lines[index]!.trim();
    if (label !== '0' && label !== '1')
      throw malformed(`${labels.name}:${index + 1}`, `the label is "${label}", expected 0 or 1`);
    return choiceRecord(
      fields.string('goal').trim(),
      [fields.string('sol1').trim(), fields.string('sol2').trim()],
      Number(label),
      {},
    );
  });
}
