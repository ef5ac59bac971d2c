import { Type } from '@sinclair/typebox';
import { defineDataset, type DataRecord } from '../../core/contracts/dataset.js';
import { withDefault } from '../../core/contracts/options.js';
import { atMost, documentsOf, LONGEST_DOCUMENT, type Cut } from './shared/documents.js';
import { openDataFile, type DataFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { fileOptions } from './shared/options.js';

const SEPARATOR = '<|endoftext|>';

/**
 * TinyStories (Eldan and Li 2023). The source's own files part stories by `<|endoftext|>` lines and are cut there.
 * Copies without that mark join stories by a single newline, while paragraphs within a story are parted by blank
 * lines: they are cut at single newlines. The few stories that part paragraphs by a single newline come out as
 * several documents; nothing is left out.
 */
export const tinystories = defineDataset({
  name: 'tinystories',
  description: 'Short stories in simple words (TinyStories)',
  options: Type.Object(
    {
      ...fileOptions,
      file: withDefault(
        Type.String({ minLength: 1, description: 'File name in the folder.' }),
        'train_head.txt',
      ),
    },
    { additionalProperties: false },
  ),
  create: (options) => ({
    category: 'language',
    synthetic: false,
    load: async (context) => {
      const request = { dataset: 'tinystories', folder: 'tinystories', file: options.file };
      const file = await openDataFile(request, options, context);
      const records: DataRecord[] = [];
      for await (const text of storiesOf(file)) records.push({ text });
      return finish('tinystories', records, options.limit, context, file.name);
    },
  }),
});

/** Stories of a file, without white space around them; empty ones are dropped. */
export async function* storiesOf(file: DataFile, longest = LONGEST_DOCUMENT): AsyncGenerator<string> {
  const cut = (await contains(file, SEPARATOR)) ? atSeparators : atSingleLineEnds;
  yield* documentsOf(
    file.pieces(),
    atMost(cut, longest, () => undefined),
  );
}

const atSeparators: Cut = (content) => content.split(SEPARATOR);

/** A line end is known to be a single one when what follows it is there. */
const atSingleLineEnds: Cut = (content) => {
  let end = content.length;
  while (content[end - 1] === '\n') end--;
  const stories = content.slice(0, end).split(/(?<!\n)\n(?!\n)/);
  return [...stories.slice(0, -1), stories.at(-1)! + content.slice(end)];
};

async function contains(file: DataFile, mark: string): Promise<boolean> {
  let end = '';
  for await (const piece of file.pieces()) {
    const text = end + piece;
    if (text.includes(mark)) return true;
    end = text.slice(-(mark.length - 1));
  }
  return false;
}
