import type { CompressedTensor, CompressionHints } from '../../../core/contracts/compressor.js';
import { refuse } from '../../../nn/packing/index.js';

/** Where outputs are, as a header keeps it: decompression has no hints. */
export interface LayoutHeader extends Record<string, string> {
  readonly layout: 'in-out' | 'out-in';
}

export function layoutHeader({ layout = 'in-out' }: CompressionHints = {}): LayoutHeader {
  return { layout };
}

/** @throws ForgeError AF_COMPRESSED_FORMAT where the header does not say it */
export function layoutOf(format: string, { header }: CompressedTensor): LayoutHeader {
  return { layout: choiceOf(format, header, 'layout', ['in-out', 'out-in']) };
}

/** A word of a header that must be one of a few. @throws ForgeError AF_COMPRESSED_FORMAT */
export function choiceOf<T extends string>(
  format: string,
  header: CompressedTensor['header'],
  key: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === header[key]);
  return found ?? refuse(format, `the header must say ${key}: ${choices.join(' or ')}`);
}
