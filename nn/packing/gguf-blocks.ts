import { halfBytes, halvesOf } from './half.js';
import { refuse } from './refuse.js';

/** A kind of GGUF block: how many values it holds, in how many bytes, and both ways between them. */
export interface BlockLayout {
  readonly name: string;
  readonly values: number;
  readonly bytes: number;
  /** Byte of the half float scale. */
  readonly scaleAt: number;
  /** What values are divided by; the scale that is stored is this, as a half float. @param peak max |x| */
  step(peak: number): number;
  /** @param codes rounded x / step @param block its bytes, zeros */
  write(codes: ArrayLike<number>, block: Uint8Array): void;
  /** @throws ForgeError AF_COMPRESSED_FORMAT for a code that no writer writes */
  read(block: Uint8Array, codes: Int8Array): void;
}

/**
 * Values in blocks as the reference (the Python package `gguf`) writes them, bit for bit: codes are x times the float32
 * reciprocal of the step, rounded with halves away from zero, and only the stored scale is a half float.
 *
 * @param values whole blocks, thus rows of a multiple of the block
 * @throws RangeError for a length that is no multiple of the block
 */
export function packBlocks(layout: BlockLayout, values: Float32Array): Uint8Array {
  const { values: size, bytes: width, scaleAt } = layout;
  if (values.length % size !== 0)
    throw new RangeError(`${values.length} values are no whole ${layout.name} blocks of ${size}`);
  const bytes = new Uint8Array((values.length / size) * width);
  const codes = new Int8Array(size);
  for (let at = 0, to = 0; at < values.length; at += size, to += width) {
    const block = values.subarray(at, at + size);
    const step = Math.fround(layout.step(peakOf(block)));
    const inverse = step === 0 ? 0 : Math.fround(1 / step);
    for (let i = 0; i < size; i++) codes[i] = roundedAway(Math.fround(block[i]! * inverse));
    layout.write(codes, bytes.subarray(to, to + width));
    bytes.set(halfBytes(Float32Array.of(step)), to + scaleAt);
  }
  return bytes;
}

/** @throws ForgeError AF_COMPRESSED_FORMAT for broken blocks and codes that no writer writes */
export function unpackBlocks(layout: BlockLayout, bytes: Uint8Array): Float32Array {
  const { name, values: size, bytes: width, scaleAt } = layout;
  if (bytes.length % width !== 0)
    refuse(name, `${bytes.length} bytes are no whole number of blocks of ${width}`);
  const values = new Float32Array((bytes.length / width) * size);
  const codes = new Int8Array(size);
  for (let at = 0, to = 0; at < bytes.length; at += width, to += size) {
    const block = bytes.subarray(at, at + width);
    const [scale = 0] = halvesOf(block.subarray(scaleAt, scaleAt + 2));
    if (!Number.isFinite(scale)) refuse(name, `the scale of block ${at / width} is ${scale}`);
    layout.read(block, codes);
    for (let i = 0; i < size; i++) values[to + i] = scale * codes[i]!;
  }
  return values;
}

function peakOf(values: Float32Array): number {
  let peak = 0;
  for (const value of values) peak = Math.max(peak, Math.abs(value));
  return peak;
}

/** To the nearest integer, halves away from zero. */
function roundedAway(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}
