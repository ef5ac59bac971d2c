import { Type } from '@sinclair/typebox';
import { defineDataset } from '../../contracts/dataset.js';
import { withDefault } from '../../contracts/options.js';
import { readDataFile } from './shared/files.js';
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
      const file = await readDataFile(request, options, context);
      const records = cutStories(file.text).map((text) => ({ text }));
      return finish('tinystories', records, options.limit, context, file.name);
    },
  }),
});

/** Stories of a file, without white space around them; empty ones are dropped. */
export function cutStories(text: string): readonly string[] {
  const unified = text.replace(/\r\n?/g, '\n');
  const stories = unified.includes(SEPARATOR) ? unified.split(SEPARATOR) : unified.split(/(?<!\n)\n(?!\n)/);
  return stories.map((story) => story.trim()).filter((story) => story !== '');
}
