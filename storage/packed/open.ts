import { crc32 } from 'node:zlib';
import type { CompressedTensor } from '../../core/contracts/compressor.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import { ForgeError } from '../../core/errors/index.js';
import { headChecksum } from './checksum.js';
import {
  aligned,
  MAGIC,
  MOST_HEADER_BYTES,
  PRELUDE_BYTES,
  VERSION,
  type PackedEntry,
  type PackedHeader,
  type Stream,
} from './format.js';
import { parseHeader } from './header.js';
import { refusalOf, type Refuse } from './malformed.js';
import { inflated } from './stored-header.js';

/** A packed model in memory. Streams are checked when they are read. */
export interface PackedFile {
  readonly config: ModelConfig;
  readonly facts: Readonly<Record<string, unknown>>;
  /** By name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, PackedEntry>;
  /** Names of the further parts. */
  readonly extras: readonly string[];
  /**
   * A tensor for the compressor that its entry names. The bytes are those of the file: they must not be written to.
   * @throws ForgeError AF_PACKED_NOT_FOUND, or AF_PACKED_FORMAT where a byte of it has changed
   */
  read(name: string): CompressedTensor;
  /** A further part. @throws ForgeError as `read` does */
  readExtra(name: string): Uint8Array;
}

/**
 * Open a packed model. Header and layout are checked whole before anything is read.
 *
 * @param file what messages call it
 * @throws ForgeError AF_PACKED_FORMAT
 */
export function openPacked(bytes: Uint8Array, file = 'packed model'): PackedFile {
  const refuse = refusalOf(file);
  const end = endOfHeader(bytes, refuse);
  const data = bytes.subarray(aligned(end));
  const header = parseHeader(inflated(bytes.subarray(PRELUDE_BYTES, end), refuse), data.length, refuse);
  checkFilling(data, header, refuse);
  const tensors = new Map(header.tensors.map((entry) => [entry.name, entry]));
  const extras = new Map(header.extras.map((entry) => [entry.name, entry]));
  const take = ({ name, offset, bytes: length, crc32: expected }: Stream): Uint8Array => {
    const part = data.subarray(offset, offset + length);
    if (crc32(part) !== expected) refuse('its bytes do not match their checksum', name);
    return part;
  };
  return {
    ...{ config: header.config, facts: header.facts, tensors, extras: [...extras.keys()] },
    read: (name) => {
      const entry = tensors.get(name) ?? missing(file, 'tensor', name, [...tensors.keys()]);
      return { shape: entry.shape, header: entry.header, bytes: take(entry) };
    },
    readExtra: (name) => take(extras.get(name) ?? missing(file, 'further part', name, [...extras.keys()])),
  };
}

/** Check what comes before the header, its checksum, and what fills it up. */
function endOfHeader(bytes: Uint8Array, refuse: Refuse): number {
  if (bytes.length < PRELUDE_BYTES)
    refuse(`the file has ${bytes.length} bytes; ${PRELUDE_BYTES} are needed before the header`);
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) refuse('it does not start with AFPK');
  const view = new DataView(bytes.buffer, bytes.byteOffset, PRELUDE_BYTES);
  const version = view.getUint32(4, true);
  if (version !== VERSION) refuse(`its version is ${version}; this agentforge reads version ${VERSION}`);
  const length = view.getBigUint64(8, true);
  if (length > BigInt(MOST_HEADER_BYTES))
    refuse(`the header claims ${length} bytes; at most ${MOST_HEADER_BYTES} are allowed`);
  const end = PRELUDE_BYTES + Number(length);
  if (aligned(end) > bytes.length)
    refuse(`the header claims ${length} bytes but the file ends after ${bytes.length - PRELUDE_BYTES}`);
  if (view.getUint32(16, true) !== headChecksum(bytes.subarray(0, end)))
    refuse('the header does not match its checksum');
  if (view.getUint32(20, true) !== 0) refuse('bytes 20 to 23 are not 0');
  if (bytes.subarray(end, aligned(end)).some((byte) => byte !== 0))
    refuse('a byte that fills the header up is not 0');
  return end;
}

/** What fills streams up has no checksum: it must be zeros. */
function checkFilling(data: Uint8Array, { tensors, extras }: PackedHeader, refuse: Refuse): void {
  for (const { name, offset, bytes } of [...tensors, ...extras])
    for (let at = offset + bytes; at % 8 !== 0; at++)
      if (data[at] !== 0) refuse('a byte that fills it up is not 0', name);
}

function missing(file: string, what: string, name: string, known: readonly string[]): never {
  throw new ForgeError(
    'AF_PACKED_NOT_FOUND',
    `There is no ${what} ${JSON.stringify(name)} in the packed model.`,
    {
      at: file,
      facts: { name, known: known.slice(0, 100) },
    },
  );
}
