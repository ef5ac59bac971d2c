import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Type } from '@sinclair/typebox';
import type { DataRecord, DatasetContext } from '../../contracts/dataset.js';
import { withDefault, type OptionsOutput } from '../../contracts/options.js';
import { readDataFile, type TextFile } from './shared/files.js';
import { finish } from './shared/finish.js';
import { defineNamedDataset } from './shared/named.js';
import { fileOptions } from './shared/options.js';

const TextOptions = Type.Object(
  {
    ...fileOptions,
    name: withDefault(
      Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', description: 'Name of the dataset.' }),
      'text',
    ),
    file: withDefault(
      Type.String({ minLength: 1, description: 'File below <data.root>/<name>, without path.' }),
      'input.txt',
    ),
    documents: withDefault(
      Type.Union([Type.Literal('blank-lines'), Type.Literal('size'), Type.Literal('whole')], {
        description: 'Cut at blank lines, into parts of about `size` characters, or not at all.',
      }),
      'size',
    ),
    size: withDefault(
      Type.Integer({ minimum: 1, description: 'Characters of a document when cutting by size.' }),
      2000,
    ),
  },
  { additionalProperties: false },
);

/**
 * Plain text of any kind for language modelling: a file, a folder of .txt and .md files, or a download. List it
 * several times with different names.
 */
export const text = defineNamedDataset({
  name: 'text',
  description: 'Plain text from a file, a folder or an address, cut into documents',
  options: TextOptions,
  create: (options) => ({
    category: 'language',
    synthetic: false,
    load: async (context) => {
      const files = await readFiles(options, context);
      const records = files.flatMap((file) => documentsOf(file.text, options));
      return finish(
        options.name,
        records,
        options.limit,
        context,
        options.path ?? files.map((file) => file.name).join(', '),
      );
    },
  }),
});

type Options = OptionsOutput<typeof TextOptions>;

async function readFiles(options: Options, context: DatasetContext): Promise<readonly TextFile[]> {
  const request = { dataset: options.name, folder: options.name, file: options.file };
  const folder = options.path === undefined ? null : resolve(options.path);
  const isFolder = folder !== null && ((await stat(folder).catch(() => null))?.isDirectory() ?? false);
  if (!isFolder) return [await readDataFile(request, options, context)];
  const names = (await readdir(folder)).filter((name) => /\.(txt|md)$/i.test(name)).sort();
  return Promise.all(names.map((name) => readDataFile(request, { path: join(folder, name) }, context)));
}

function documentsOf(content: string, options: Options): readonly DataRecord[] {
  const unified = content.replace(/\r\n?/g, '\n');
  return cut(unified, options)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => ({ text: part }));
}

function cut(content: string, options: Options): readonly string[] {
  if (options.documents === 'whole') return [content];
  if (options.documents === 'blank-lines') return content.split(/\n[^\S\n]*\n\s*/);
  return cutBySize(content, options.size);
}

/** Parts of at most `size` characters, ending at a blank line, else a line, else a word, in the last half of the part. */
function cutBySize(content: string, size: number): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  while (content.length - start > size) {
    const end = lastBorder(content.slice(start, start + size), Math.floor(size / 2));
    parts.push(content.slice(start, start + end));
    start += end;
  }
  parts.push(content.slice(start));
  return parts;
}

function lastBorder(part: string, least: number): number {
  for (const border of ['\n\n', '\n', ' ']) {
    const at = part.lastIndexOf(border);
    if (at >= least) return at + border.length;
  }
  const splitsPair = /[\uD800-\uDBFF]$/.test(part) && part.length > 1;
  return splitsPair ? part.length - 1 : part.length;
}
