import { isUtf8 } from 'node:buffer';
import { ForgeError } from '../../../core/errors/index.js';

const BYTE_ORDER_MARK = '\uFEFF';
const NOTHING = Buffer.alloc(0);

/**
 * Text of a file, piece by piece; no piece ends inside a character, and a byte order mark at the beginning is dropped.
 * @param name of the file, for messages
 * @throws ForgeError AF_DATA_MALFORMED with the offset of the first byte that is not UTF-8
 */
export async function* decodeUtf8(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  let offset = 0;
  let pending: Buffer = NOTHING;
  for await (const chunk of bytes) {
    const all = pending.length === 0 ? asBuffer(chunk) : Buffer.concat([pending, chunk]);
    const whole = all.subarray(0, all.length - unfinished(all));
    if (!isUtf8(whole)) throw notUtf8(name, offset + validPrefix(whole), all);
    const text = whole.toString('utf8');
    if (text !== '') yield offset === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    offset += whole.length;
    pending = all.subarray(whole.length);
  }
  if (pending.length > 0) throw notUtf8(name, offset, pending);
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Bytes at the end that begin a character whose rest is not there yet. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    const continues = (byte & 0xc0) === 0x80;
    if (!continues) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Bytes of the character that a first byte begins. */
function characterLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/**
 * Length of the longest beginning that is UTF-8, by halving: of four neighbouring lengths one ends between characters, so
 * that the first wrong byte lies before them when none of the four is valid.
 */
function validPrefix(bytes: Uint8Array): number {
  const lastValid = (from: number, to: number): number | undefined => {
    for (let length = to; length >= from; length--) if (isUtf8(bytes.subarray(0, length))) return length;
    return undefined;
  };
  let [valid, end] = [0, bytes.length];
  while (end - valid > 8) {
    const middle = Math.floor((valid + end) / 2);
    const found = lastValid(middle - 3, middle);
    if (found === undefined) end = middle;
    else valid = found;
  }
  return lastValid(valid, end) ?? valid;
}

function notUtf8(name: string, offset: number, bytes: Uint8Array): ForgeError {
  const isUtf16 =
    offset === 0 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
  return new ForgeError(
    'AF_DATA_MALFORMED',
    `${name} is not UTF-8 text: no character begins at byte ${offset}`,
    {
      at: name,
      fix: isUtf16
        ? 'the file is UTF-16: save it as UTF-8'
        : 'give a text file in UTF-8; compressed files must be unpacked first',
      facts: { offset },
    },
  );
}
