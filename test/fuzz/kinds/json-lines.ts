import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DATASET, type DataRecord } from '../../../core/contracts/dataset.js';
import { jsonLines } from '../../../plugins/datasets/json-lines.js';
import { implementationOf } from '../../../testing/implementation.js';
import { silentLogger } from '../../../testing/silent-logger.js';
import type { CounterStream } from '../../../nn/random/index.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson, pick } from '../mutate.js';

/** Records by line: exactly the lines that are JSON objects with a text, in order, or an error. */
export const jsonLinesFile: DocumentKind = {
  name: 'json-lines',
  open: async (folder) => {
    const path = join(folder, 'train.jsonl');
    const dataset = await implementationOf(DATASET, jsonLines({ path }));
    const context = { root: null, cache: join(folder, 'cache'), seed: 1, log: silentLogger };
    return async (random) => {
      const bytes = draw(random);
      await writeFile(path, bytes);
      const expected = expectedOf(bytes);
      return {
        bytes,
        read: () => dataset.load(context),
        whyWrong: (accepted) => {
          if (typeof expected === 'string') return expected;
          const found = (accepted as readonly DataRecord[]).map(({ text }) => text);
          return isDeepStrictEqual(found, expected) ? null : 'other records than the lines hold';
        },
        mustAccept: typeof expected === 'string' ? null : 'every line is a record',
      };
    };
  },
};

function draw(random: CounterStream): Uint8Array {
  const lines = Array.from({ length: 1 + random.integer(8) }, (_, i) => {
    const record = { text: `Line ${i} ${'é😀'.repeat(random.integer(3))}`, more: { n: i } };
    return JSON.stringify(random.uniform() < 0.2 ? mutateJson(record, random).document : record);
  });
  const text = Buffer.from(lines.join(pick(['\n', '\r\n', '\n\n'], random)) + pick(['', '\n'], random));
  return random.uniform() < 0.4 ? mutateBytes(text, random) : text;
}

/** The texts of the lines, or why they are no records. A file that begins as an array is read as one. */
function expectedOf(bytes: Uint8Array): readonly string[] | string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const trimmed = text.trimStart();
    const values = trimmed.startsWith('[')
      ? (JSON.parse(text) as unknown[])
      : text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => JSON.parse(line) as unknown);
    const texts = values.map(textOf);
    return texts.length > 0 && texts.every((each) => each !== null) ? texts : 'a record without a text';
  } catch (error) {
    return error instanceof Error ? error.message : 'not records';
  }
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const text = Object.hasOwn(value, 'text') ? (value as { readonly text: unknown }).text : null;
  const isText = (typeof text === 'string' && text.trim() !== '') || typeof text === 'number';
  return isText ? String(text) : null;
}
