/** How bytes get to the operating system, as `fs.writeSync`: writes from an offset on and gives how many it took. */
export type WriteBytes = (descriptor: number, bytes: Uint8Array, offset: number) => number;

/** Write everything, however short the single writes are. @throws the system's error; some of it may be written then */
export function writeAll(descriptor: number, bytes: Uint8Array, writeBytes: WriteBytes): void {
  for (let written = 0; written < bytes.length;) written += writeBytes(descriptor, bytes, written);
}
