/**
 * The alphabet of byte-level BPE: each of the 256 bytes is written as one printable character, so that a vocabulary
 * of strings can hold any byte sequence. Bytes 0x21-0x7E, 0xA1-0xAC and 0xAE-0xFF stand for themselves; the other
 * 68, in increasing order, become U+0100, U+0101, ... (Radford et al. 2019).
 */

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

function byteCharacters(): readonly string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** Character of every byte, by byte. */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

/** Byte of every character of the alphabet. */
const CHARACTER_BYTES: ReadonlyMap<string, number> = new Map(
  BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

/** The alphabet in code point order, the order in which reference trainers number it. */
export const ALPHABET: readonly string[] = [...BYTE_CHARACTERS].sort(
  (a, b) => a.charCodeAt(0) - b.charCodeAt(0),
);

/** Bytes of a token; a token with a character outside the alphabet (an added token) is plain UTF-8. */
export function tokenBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = CHARACTER_BYTES.get(token.charAt(i));
    if (byte === undefined) return Buffer.from(token, 'utf8');
    bytes[i] = byte;
  }
  return bytes;
}
