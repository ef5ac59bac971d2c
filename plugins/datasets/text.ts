import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Type } from '@sinclair/typebox';
import type { DataRecord, DatasetContext } from '../../core/contracts/dataset.js';
import { withDefault, type OptionsOutput } from '../../core/contracts/options.js';
import { cutBySize } from '../../nn/data/cut-text.js';
import { atMost, documentsOf, LONGEST_DOCUMENT, type Cut } from './shared/documents.js';
import { openDataFile, type DataFile } from './shared/files.js';
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
      const files = await openFiles(options, context);
      const records: DataRecord[] = [];
      for (const file of files) {
        for await (const text of documentsIn(file, options, context)) records.push({ text });
      }
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

async function openFiles(options: Options, context: DatasetContext): Promise<readonly DataFile[]> {
  const request = { dataset: options.name, folder: options.name, file: options.file };
  const folder = options.path === undefined ? null : resolve(options.path);
  const isFolder = folder !== null && ((await stat(folder).catch(() => null))?.isDirectory() ?? false);
  if (!isFolder) return [await openDataFile(request, options, context)];
  const names = (await readdir(folder)).filter((name) => /\.(txt|md)$/i.test(name)).sort();
  return Promise.all(names.map((name) => openDataFile(request, { path: join(folder, name) }, context)));
}

function documentsIn(
  file: DataFile,
  { documents, size, name }: Options,
  { log }: DatasetContext,
): AsyncIterable<string> {
  let told = false;
  const tell = (): void => {
    if (!told)
      log.warn(`${name}: ${file.name} has a document of more than ${LONGEST_DOCUMENT} characters; it is cut`);
    told = true;
  };
  return documentsOf(file.pieces(), atMost(cutOf(documents, size), LONGEST_DOCUMENT, tell));
}

/** How a text is cut into documents. */
export function cutOf(documents: Options['documents'], size: number): Cut {
  switch (documents) {
    case 'whole':
      return (content) => [content];
    case 'blank-lines':
      return (content) => content.split(/\n[^\S\n]*\n\s*/);
    case 'size':
      return (content) => cutBySize(content, size);
  }
}
