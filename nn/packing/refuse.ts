import { ForgeError } from '../../core/errors/index.js';

/** Compressed bytes that cannot be what a writer wrote. @throws ForgeError AF_COMPRESSED_FORMAT */
export function refuse(format: string, reason: string): never {
  throw new ForgeError('AF_COMPRESSED_FORMAT', `Not valid ${format} weights: ${reason}.`, {
    fix: 'Get the file again from where it came from; it is damaged or was not written by a writer of this format.',
    facts: { format },
  });
}

/** @throws ForgeError AF_COMPRESSED_FORMAT unless there are exactly as many bytes as needed */
export function requireBytes(format: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length !== expected) refuse(format, `${expected} bytes are needed, there are ${bytes.length}`);
}

/** The trit -1, 0 or 1 as its code 0, 1 or 2. @throws RangeError for anything else */
export function codeOf(trit: number): number {
  if (trit === -1 || trit === 0 || trit === 1) return trit + 1;
  throw new RangeError(`${trit} is no ternary value`);
}
