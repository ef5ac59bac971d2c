import { deflateSync, inflateSync } from 'node:zlib';
import { MOST_HEADER_BYTES } from './format.js';
import type { Refuse } from './malformed.js';

/** The bytes of a header as they are stored. The same zlib gives the same bytes. */
export function deflated(json: string): Uint8Array {
  return deflateSync(Buffer.from(json), { level: 9 });
}

/**
 * The bytes of a header that was stored: one zlib stream and nothing after it.
 * @throws ForgeError AF_PACKED_FORMAT, before more than {@link MOST_HEADER_BYTES} are made
 */
export function inflated(stored: Uint8Array, refuse: Refuse): Uint8Array {
  const { buffer, engine } = inflate(stored, refuse);
  const rest = stored.length - engine.bytesWritten;
  if (rest > 0) refuse(`${rest} bytes of the header come after its end`);
  return buffer;
}

/** What zlib gives back when it is asked for its engine, which knows how much was read; its types do not say that. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function inflate(stored: Uint8Array, refuse: Refuse): Inflated {
  const options = { info: true, maxOutputLength: MOST_HEADER_BYTES };
  try {
    return inflateSync(stored, options) as unknown as Inflated;
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE')
      refuse(`the header inflates to more than ${MOST_HEADER_BYTES} bytes`, undefined, cause);
    refuse('the header cannot be inflated', undefined, cause);
  }
}
