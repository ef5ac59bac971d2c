import { Type } from '@sinclair/typebox';
import { pathOption, withDefault } from '../../../core/contracts/options.js';

/** A file on the web and what it must hash to. */
export interface Download {
  readonly url: string;
  readonly sha256: string;
}

export const DownloadOption = Type.Object(
  {
    url: Type.String({ pattern: '^https?://', description: 'Where to get the file.' }),
    sha256: Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'What its bytes must hash to.' }),
  },
  { additionalProperties: false },
);

/** Options of every dataset that reads files. Without `path` and `download` the file is looked for below data.root. */
export const fileOptions = {
  path: Type.Optional(pathOption({ description: 'The file, or the folder that holds it.' })),
  download: Type.Optional(DownloadOption),
  limit: withDefault(
    Type.Union([Type.Null(), Type.Integer({ minimum: 1 })], {
      description: 'Keep this many records, chosen by the seed.',
    }),
    null,
  ),
};

/** What of {@link fileOptions} says where a file is. */
export interface FileChoice {
  readonly path?: string | undefined;
  readonly download?: Download | undefined;
}
