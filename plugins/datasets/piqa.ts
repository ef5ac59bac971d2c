import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { pathOption, withDefault } from '../../core/contracts/options.js';
import { choiceRecord, gradeChoice } from './shared/choice.js';
import type { Fields } from './shared/fields.js';
import { openDataFile, type DataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { linesOf, malformed, mapRecords, recordsByLine } from './shared/json-records.js';
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
      const file = await openDataFile({ ...request, file: questions }, options, context);
      const labelChoice = {
        path: options.labelsPath ?? labelsBeside(options.path),
        download: options.labelsDownload,
      };
      const labelFile = await openDataFile({ ...request, file: labels }, labelChoice, context);
      const records = await pair(file, labelFile);
      return finish('piqa', records, options.limit, context, file.name);
    },
    grade: gradeChoice,
  }),
});

/** `valid.jsonl` has its labels in `valid-labels.lst`; a folder holds both. */
function labelsBeside(path: string | undefined): string | undefined {
  return path?.replace(/\.jsonl$/, '-labels.lst');
}

async function pair(questionFile: DataFile, labelFile: DataFile): Promise<readonly DataRecord[]> {
  const labels = await readLabels(labelFile);
  const questions = await mapRecords(recordsByLine(questionFile), toUnlabelled);
  if (labels.length !== questions.length) {
    throw malformed(labelFile.name, `${labels.length} labels for ${questions.length} questions`);
  }
  return questions.map(({ goal, solutions }, index) => choiceRecord(goal, solutions, labels[index]!, {}));
}

async function readLabels(file: DataFile): Promise<readonly number[]> {
  const labels: number[] = [];
  for await (const { line, text } of linesOf(file)) {
    const label = text.trim();
    if (label === '') continue;
    if (label !== '0' && label !== '1')
      throw malformed(`${file.name}:${line}`, `the label is "${label}", expected 0 or 1`);
    labels.push(Number(label));
  }
  return labels;
}

function toUnlabelled(fields: Fields): { readonly goal: string; readonly solutions: readonly string[] } {
  const text = (name: string): string => fields.string(name).trim();
  return { goal: text('goal'), solutions: [text('sol1'), text('sol2')] };
}
