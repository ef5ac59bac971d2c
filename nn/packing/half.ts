import { fromFloat16, toFloat16 } from '../../core/contracts/half.js';

/** Floats as little-endian half floats, to the nearest, ties to even. */
export function halfBytes(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.length);
  toFloat16(new Uint32Array(values.buffer, values.byteOffset, values.length), halves);
  return new Uint8Array(halves.buffer);
}

/** The floats of little-endian half floats; a byte left over is not read. */
export function halvesOf(bytes: Uint8Array): Float32Array {
  const count = bytes.length >> 1;
  const halves = new Uint16Array(bytes.slice(0, 2 * count).buffer);
  const values = new Float32Array(count);
  fromFloat16(halves, values, new Uint32Array(values.buffer));
  return values;
}
