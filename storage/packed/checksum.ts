import { crc32 } from 'node:zlib';
import { COVERED_BYTES, PRELUDE_BYTES } from './format.js';

/** crc32 of the covered part of the prelude and of the header. @param head both */
export function headChecksum(head: Uint8Array): number {
  return crc32(head.subarray(PRELUDE_BYTES), crc32(head.subarray(0, COVERED_BYTES)));
}
