import { crc32 } from 'node:zlib';
import { headChecksum } from './checksum.js';
import { aligned, MAGIC, PRELUDE_BYTES, VERSION, type PackedModel, type PackedTensor } from './format.js';
import { formatOf } from './header.js';
import { openPacked } from './open.js';
import { sortedJson } from './sorted-json.js';
import { deflated } from './stored-header.js';

/**
 * A compressed model as one file: see `format.ts`. Equal models give equal bytes, whatever the order of their tensors and
 * of the members of their objects.
 *
 * @throws ForgeError AF_PACKED_FORMAT for what could not be read back: two tensors of one name, a format that the config
 * contradicts, a member `__proto__`
 */
export function writePacked({ config, tensors, facts, extras = {} }: PackedModel): Uint8Array {
  const sorted = [...tensors].sort(byName);
  const more = Object.entries(extras)
    .map(([name, bytes]) => ({ name, bytes }))
    .sort(byName);
  const head = headOf({
    ...{ config, facts },
    tensors: sorted.map((tensor) => entryOf(tensor, config)),
    extras: more.map(({ name, bytes }) => streamOf(name, bytes)),
  });
  const parts = [...sorted.map(({ compressed }) => compressed.bytes), ...more.map(({ bytes }) => bytes)];
  const end = parts.reduce((sum, { length }) => sum + aligned(length), 0);
  const file = new Uint8Array(head.length + end);
  file.set(head);
  let at = head.length;
  for (const bytes of parts) {
    file.set(bytes, at);
    at += aligned(bytes.length);
  }
  openPacked(file);
  return file;
}

/** What the header says of a tensor: no format that the config has, no notes where there are none. */
function entryOf(
  { name, role, format, compressed: { shape, header, bytes } }: PackedTensor,
  { quantization }: PackedModel['config'],
): object {
  const known = formatOf(quantization, name);
  return {
    ...{ role, shape, ...streamOf(name, bytes) },
    ...(known !== undefined && sortedJson(known) === sortedJson(format) ? {} : { format }),
    ...(Object.keys(header).length === 0 ? {} : { header }),
  };
}

function streamOf(name: string, bytes: Uint8Array) {
  return { name, bytes: bytes.length, crc32: crc32(bytes) };
}

function headOf(header: object): Uint8Array {
  const stored = deflated(sortedJson(header));
  const end = PRELUDE_BYTES + stored.length;
  const head = new Uint8Array(aligned(end));
  head.set(MAGIC);
  head.set(stored, PRELUDE_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(4, VERSION, true);
  view.setBigUint64(8, BigInt(stored.length), true);
  view.setUint32(16, headChecksum(head.subarray(0, end)), true);
  return head;
}

function byName({ name: a }: { readonly name: string }, { name: b }: { readonly name: string }): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
