import { ForgeError } from '../../core/errors/index.js';
import { bytesOf, isStoredDtype, type StoredDtype } from './dtypes.js';
import { isObject } from '../is-object.js';
import { findJsonFlaw } from './json-keys.js';

/** Longest header the format allows, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** One tensor as the header describes it. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** Byte after the last one. */
  readonly end: number;
}

export interface SafetensorsHeader {
  /** Strings of `__metadata__`; empty when there is none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of the bytes. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
}

/**
 * Read the length in the first eight bytes.
 *
 * @param first the first bytes of the file, eight or fewer
 * @param fileBytes length of the whole file
 * @throws ForgeError AF_SAFETENSORS_FORMAT
 */
export function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  if (first.byteLength < 8)
    fail(file, `the file has ${fileBytes} bytes; eight are needed for the header length`);
  const view = new DataView(first.buffer, first.byteOffset, 8);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    fail(file, `the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are allowed`);
  if (Number(length) > fileBytes - 8)
    fail(file, `the header claims ${length} bytes but the file ends after ${fileBytes - 8}`);
  return Number(length);
}

/**
 * Parse and check a header as the safetensors format has it: every tensor lies inside the file, fills exactly its shape, and
 * together they cover the data without gap or overlap.
 *
 * @param bytes the header without its length
 * @param fileBytes length of the whole file
 * @throws ForgeError AF_SAFETENSORS_FORMAT naming the file and the tensor
 */
export function parseHeader(bytes: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  const document = parseDocument(bytes, file);
  const dataStart = 8 + bytes.byteLength;
  const entries: SafetensorsEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(document)) {
    if (name === '__metadata__') metadata = checkMetadata(value, file);
    else entries.push(checkEntry(name, value, dataStart, fileBytes, file));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, dataStart, fileBytes, file);
  return { metadata, entries: new Map(entries.map((entry) => [entry.name, entry])) };
}

function parseDocument(bytes: Uint8Array, file: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) fail(file, 'the header does not start with {');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    fail(file, 'the header is not UTF-8');
  }
  const flaw = findJsonFlaw(text);
  if (flaw?.kind === 'too-deep') fail(file, 'the header is nested too deeply');
  if (flaw?.kind === 'duplicate') fail(file, `the header has the name ${quote(flaw.key)} twice`, flaw.key);
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    fail(file, 'the header is not JSON', undefined, cause);
  }
}

function checkMetadata(value: unknown, file: string): Readonly<Record<string, string>> {
  if (!isObject(value)) fail(file, '__metadata__ is not an object');
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string')
      fail(file, `__metadata__.${key} is ${typeof item}; only strings are allowed`);
  }
  return value as Record<string, string>;
}

function checkEntry(
  name: string,
  value: unknown,
  dataStart: number,
  fileBytes: number,
  file: string,
): SafetensorsEntry {
  // As a key of a plain object this name would replace the prototype instead of adding a property.
  if (name === '__proto__') fail(file, 'the name __proto__ is not allowed', name);
  if (!isObject(value)) fail(file, 'the entry is not an object', name);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isStoredDtype(dtype)) fail(file, `unknown dtype ${quote(dtype)}`, name);
  if (!isCounts(shape)) fail(file, `the shape ${quote(shape)} is not a list of integers from 0 on`, name);
  if (!isCounts(offsets) || offsets.length !== 2)
    fail(file, `data_offsets ${quote(offsets)} is not a pair of integers from 0 on`, name);
  const [begin = 0, end = 0] = offsets;
  const dataBytes = fileBytes - dataStart;
  if (begin > end) fail(file, `data_offsets [${begin}, ${end}] run backwards`, name);
  if (end > dataBytes)
    fail(file, `data_offsets [${begin}, ${end}] reach past the end of the data at ${dataBytes}`, name);
  const bytes = bytesOf(dtype, shape);
  if (bytes !== end - begin) {
    fail(
      file,
      `${dtype} of shape [${shape.join(', ')}] needs ${bytes ?? 'too many'} bytes, data_offsets span ${end - begin}`,
      name,
    );
  }
  return { name, dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

function checkCoverage(
  entries: readonly SafetensorsEntry[],
  dataStart: number,
  fileBytes: number,
  file: string,
): void {
  let position = dataStart;
  let previous = 'the header';
  for (const { name, begin, end } of entries) {
    if (begin < position) fail(file, `its bytes overlap those of ${quote(previous)}`, name);
    if (begin > position) fail(file, `${begin - position} bytes before it belong to no tensor`, name);
    position = end;
    previous = name;
  }
  if (position !== fileBytes) fail(file, `${fileBytes - position} bytes at the end belong to no tensor`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** A value for a message, cut short: a hostile header must not fill the terminal. */
function quote(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function fail(file: string, reason: string, tensor?: string, cause?: unknown): never {
  const where = tensor === undefined ? '' : `tensor ${quote(tensor)}: `;
  throw new ForgeError('AF_SAFETENSORS_FORMAT', `Not a valid safetensors file: ${where}${reason}.`, {
    at: file,
    fix: 'Get the file again from where it came from; it is damaged or was not written by a safetensors writer.',
    cause,
    facts: tensor === undefined ? {} : { tensor },
  });
}
