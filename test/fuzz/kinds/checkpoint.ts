import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FileCheckpointArea } from '../../../storage/index.js';
import { checkpointOf } from '../../storage/support/checkpoint-of.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson, pick } from '../mutate.js';

/** A checkpoint with a damaged file is passed over for the one before; a changed one is never taken for it. */
export const checkpoint: DocumentKind = {
  name: 'checkpoint',
  open: async (folder) => {
    const [whole, area] = [join(folder, 'whole'), join(folder, 'area')];
    const made = new FileCheckpointArea(whole);
    for (const step of [1, 2]) await made.save(checkpointOf(step));
    return async (random) => {
      await rm(area, { recursive: true, force: true });
      await cp(whole, area, { recursive: true });
      const both = random.uniform() < 0.2;
      const newest = (await readdir(area)).sort().reverse();
      let bytes: Uint8Array = new Uint8Array();
      for (const name of both ? newest : newest.slice(0, 1)) {
        const file = join(area, name, pick(['manifest.json', 'state.json', 'tensors.safetensors'], random));
        const original = await readFile(file);
        const isDocument = file.endsWith('.json') && random.uniform() < 0.5;
        bytes = isDocument
          ? Buffer.from(JSON.stringify(mutateJson(JSON.parse(original.toString()), random).document))
          : mutateBytes(original, random);
        await writeFile(file, bytes);
      }
      return {
        bytes,
        read: () => new FileCheckpointArea(area).latest(),
        whyWrong: (found) =>
          [1, 2].some((step) => isDeepStrictEqual(found, checkpointOf(step)))
            ? null
            : 'neither of the two that were saved',
        mustAccept: both ? null : 'the one before is intact',
      };
    };
  },
};
