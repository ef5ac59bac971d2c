import type { CompressedTensor } from '../../core/contracts/compressor.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import type { TensorFormat } from '../../core/contracts/quantization.js';

/*
 * The packed container: one file that holds a compressed model and all that is needed to compute with it.
 *
 *   0   'AFPK'
 *   4   uint32 version
 *   8   uint64 length of the header as it is stored
 *   16  uint32 crc32 of bytes 0 to 15 and of the header as it is stored
 *   20  uint32 0
 *   24  header: JSON with sorted keys as a zlib stream (RFC 1950), then zeros up to a multiple of 8
 *       streams: the bytes of the tensors, then those of the extras, in the order of the header, each filled with zeros
 *       up to a multiple of 8
 *
 * All integers are little-endian. The header says nothing twice: streams follow each other, so that lengths give their
 * places; the format of a tensor stands in the quantization of the config, and with the tensor only where it does not.
 */

/** 'AFPK' */
export const MAGIC = [0x41, 0x46, 0x50, 0x4b] as const;
export const VERSION = 1;

/** Most bytes of a header, inflated: some 100,000 tensors. A few bytes can inflate to a thousand times as many. */
export const MOST_HEADER_BYTES = 2 ** 24;

/** Bytes before the header. */
export const PRELUDE_BYTES = 24;
/** Bytes of the prelude that the checksum covers. */
export const COVERED_BYTES = 16;

/** A tensor of a packed model. */
export interface PackedTensor {
  readonly name: string;
  /** What it is for, as the architecture says. */
  readonly role: string;
  /** The compressor that wrote the bytes, and its options. */
  readonly format: TensorFormat;
  readonly compressed: CompressedTensor;
}

/** What a packed file holds. */
export interface PackedModel {
  readonly config: ModelConfig;
  readonly tensors: readonly PackedTensor[];
  /** What else is known of the model: JSON, numbers that are not finite included. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Further parts by name: a tokenizer, adapters. */
  readonly extras?: Readonly<Record<string, Uint8Array>>;
}

/** A run of bytes after the header. */
export interface Stream {
  readonly name: string;
  /** From where the first one starts. */
  readonly offset: number;
  readonly bytes: number;
  readonly crc32: number;
}

/** A tensor as the header describes it. */
export interface PackedEntry extends Stream, Pick<CompressedTensor, 'shape' | 'header'> {
  readonly role: string;
  readonly format: TensorFormat;
}

/** What the header of a packed file says. */
export interface PackedHeader {
  readonly config: ModelConfig;
  readonly tensors: readonly PackedEntry[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly extras: readonly Stream[];
}

/** `length` filled up to a multiple of eight. */
export function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}
