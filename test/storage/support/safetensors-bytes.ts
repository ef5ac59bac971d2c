/** A safetensors file made by hand: `header` as text or as the object to encode, then `data`. */
export function safetensorsBytes(
  header: string | object | Uint8Array,
  data: Uint8Array | number = 0,
  claimedLength?: bigint,
): Uint8Array {
  const head =
    header instanceof Uint8Array
      ? header
      : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + head.byteLength + body.byteLength);
  new DataView(file.buffer).setBigUint64(0, claimedLength ?? BigInt(head.byteLength), true);
  file.set(head, 8);
  file.set(body, 8 + head.byteLength);
  return file;
}
