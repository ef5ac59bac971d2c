import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openPacked } from '../../../../storage/packed/index.js';

/** Hash of the gains of norms before matrices and of the codes and scales of everything in a format. */
export function packedHash(bytes: Uint8Array): string {
  const file = openPacked(bytes);
  const hash = createHash('sha256');
  for (const [name, { format }] of file.tensors)
    if (name.endsWith('.subln') || format.use !== 'float16') hash.update(name).update(file.read(name).bytes);
  return hash.digest('hex');
}

/** Alone: `node packed-hash.ts <file>`. */
const [, , path] = process.argv;
if (process.env['PACKED_HASH'] === 'main') process.stdout.write(packedHash(readFileSync(path!)));
