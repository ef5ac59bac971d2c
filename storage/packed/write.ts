import { crc32 } from 'node:zlib';
import { encodeJson } from '../../core/contracts/json-numbers.js';
import { isObject } from '../is-object.js';
import { headChecksum } from './checksum.js';
import {
  aligned,
  FORMAT,
  MAGIC,
  PRELUDE_BYTES,
  VERSION,
  type PackedEntry,
  type PackedHeader,
  type PackedModel,
  type Stream,
} from './format.js';
import { openPacked } from './open.js';

/**
 * A compressed model as one file: see `format.ts`. Equal models give equal bytes, whatever the order of their tensors and
 * of the members of their objects.
 *
 * @throws ForgeError AF_PACKED_FORMAT for what could not be read back: two tensors of one name, a member `__proto__`
 */
export function writePacked({ config, tensors, facts, extras = {} }: PackedModel): Uint8Array {
  const parts = new Map<Stream, Uint8Array>();
  let end = 0;
  const place = (name: string, bytes: Uint8Array): Stream => {
    const stream = { name, offset: end, bytes: bytes.length, crc32: crc32(bytes) };
    parts.set(stream, bytes);
    end = aligned(end + bytes.length);
    return stream;
  };
  const entries = [...tensors]
    .sort(byName)
    .map(({ name, role, format, compressed: { shape, header, bytes } }): PackedEntry => ({
      ...{ role, shape, format, header },
      ...place(name, bytes),
    }));
  const more = Object.entries(extras)
    .map(([name, bytes]) => ({ name, bytes }))
    .sort(byName)
    .map(({ name, bytes }) => place(name, bytes));
  const head = headOf({ format: FORMAT, version: VERSION, config, tensors: entries, facts, extras: more });
  const file = new Uint8Array(head.length + end);
  file.set(head);
  for (const [{ offset }, bytes] of parts) file.set(bytes, head.length + offset);
  openPacked(file);
  return file;
}

function headOf(header: PackedHeader): Uint8Array {
  const json = Buffer.from(sortedJson(header));
  const head = new Uint8Array(PRELUDE_BYTES + aligned(json.length)).fill(0x20, PRELUDE_BYTES);
  head.set(MAGIC);
  head.set(json, PRELUDE_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(4, VERSION, true);
  view.setBigUint64(8, BigInt(head.length - PRELUDE_BYTES), true);
  view.setUint32(16, headChecksum(head), true);
  return head;
}

/** JSON with the members of every object in the order of their names. */
function sortedJson(value: unknown): string {
  return JSON.stringify(JSON.parse(encodeJson(value)), (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function byName({ name: a }: { readonly name: string }, { name: b }: { readonly name: string }): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
