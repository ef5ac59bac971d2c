import { decodeJson } from '../../core/contracts/json-numbers.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import type { TensorFormat } from '../../core/contracts/quantization.js';
import { isObject } from '../is-object.js';
import { findJsonFlaw } from '../safetensors/json-keys.js';
import { aligned, type PackedEntry, type PackedHeader, type Stream } from './format.js';
import { quote, type Refuse } from './malformed.js';

/** Deepest nesting of a header: configs and facts of plugins take some. */
const DEPTH_LIMIT = 64;

/** Most numbers of a tensor: more do not fit an array of this machine. */
const MAX_ELEMENTS = 2 ** 31;

/**
 * Parse and check a header: every name once, every format known, and the streams together are all that follows.
 *
 * @param bytes JSON
 * @param dataBytes of the file after the header
 * @throws ForgeError AF_PACKED_FORMAT
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, refuse: Refuse): PackedHeader {
  const document = parseDocument(bytes, refuse);
  const { tensors, facts, extras } = document;
  const config = checkConfig(document['config'], refuse);
  if (!isObject(facts)) refuse('facts is not an object');
  if (!Array.isArray(tensors)) refuse('tensors is not a list');
  if (!Array.isArray(extras)) refuse('extras is not a list');
  const place = placer();
  const header: PackedHeader = {
    ...{ config, facts },
    tensors: tensors.map((entry: unknown) => checkEntry(entry, config, place, refuse)),
    extras: extras.map((entry: unknown) => place(checkStream(entry, refuse))),
  };
  checkNames(header.tensors, refuse);
  checkNames(header.extras, refuse);
  checkCoverage([...header.tensors, ...header.extras], dataBytes, refuse);
  return header;
}

/** Gives one stream after the other its place. */
function placer(): (stream: Omit<Stream, 'offset'>) => Stream {
  let offset = 0;
  return (stream) => {
    const placed = { ...stream, offset };
    offset = aligned(offset + stream.bytes);
    return placed;
  };
}

function parseDocument(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse('the header is not UTF-8');
  }
  const flaw = findJsonFlaw(text, DEPTH_LIMIT);
  if (flaw?.kind === 'too-deep') refuse('the header is nested too deeply');
  if (flaw?.kind === 'duplicate') refuse(`the header has the name ${quote(flaw.key)} twice`);
  let document: unknown;
  try {
    document = decodeJson(text);
  } catch (cause) {
    refuse('the header is not JSON', undefined, cause);
  }
  if (!isObject(document)) refuse('the header is not an object');
  if (hasProto(document)) refuse('the header has a member __proto__');
  return document;
}

/** Copied into another object, that name would replace the prototype instead of adding a member. */
function hasProto(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasProto);
  if (!isObject(value)) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto);
}

function checkConfig(config: unknown, refuse: Refuse): ModelConfig {
  if (!isObject(config)) refuse('config is not an object');
  if (typeof config['architecture'] !== 'string') refuse('config names no architecture');
  if (!isObject(config['hyperparameters'])) refuse('config has no hyperparameters');
  if (config['quantization'] !== undefined && !isObject(config['quantization']))
    refuse('the quantization of config is not an object');
  return config as unknown as ModelConfig;
}

function checkEntry(
  entry: unknown,
  config: ModelConfig,
  place: (stream: Omit<Stream, 'offset'>) => Stream,
  refuse: Refuse,
): PackedEntry {
  const stream = checkStream(entry, refuse);
  const { name } = stream;
  const { role, shape, format, header = {} } = entry as Record<string, unknown>;
  if (typeof role !== 'string') refuse(`the role is ${quote(role)}`, name);
  if (!isCounts(shape)) refuse(`the shape ${quote(shape)} is not a list of integers from 0 on`, name);
  if (!shape.includes(0) && shape.reduce((product, side) => product * side, 1) > MAX_ELEMENTS)
    refuse(`the shape ${quote(shape)} is too large`, name);
  if (!isObject(header) || !Object.values(header).every(isHeaderValue))
    refuse('what its compressor notes is not an object of numbers, words and lists of numbers', name);
  return {
    ...{ ...place(stream), role, shape },
    format: checkFormat(oneFormat(name, format, config, refuse), name, refuse),
    header: header as PackedEntry['header'],
  };
}

/** The format of a tensor, which config or entry says: both could say two things. */
function oneFormat(name: string, own: unknown, { quantization }: ModelConfig, refuse: Refuse): unknown {
  const known = formatOf(quantization, name);
  if (own !== undefined && known !== undefined) refuse('its format stands in the config as well', name);
  return own ?? known;
}

/** What the quantization of a config says of a tensor. @param quantization as it stands in a file */
export function formatOf(quantization: ModelConfig['quantization'], name: string): unknown {
  const formats: unknown = quantization?.formats;
  return isObject(formats) && Object.hasOwn(formats, name) ? formats[name] : undefined;
}

function checkFormat(format: unknown, name: string, refuse: Refuse): TensorFormat {
  if (!isObject(format) || typeof format['use'] !== 'string') refuse('the format names no compressor', name);
  const { use, options } = format;
  if (options === undefined) return { use };
  if (!isObject(options)) refuse('the options of the format are not an object', name);
  return { use, options };
}

function checkStream(entry: unknown, refuse: Refuse): Omit<Stream, 'offset'> {
  if (!isObject(entry)) refuse(`an entry is ${quote(entry)}, not an object`);
  const { name, bytes, crc32 } = entry;
  if (typeof name !== 'string' || name === '') refuse(`an entry has the name ${quote(name)}`);
  if (name === '__proto__') refuse('the name is not allowed', name);
  for (const [what, value] of Object.entries({ bytes, crc32 }))
    if (!isCount(value)) refuse(`${what} ${quote(value)} is not an integer from 0 on`, name);
  return { name, bytes: Number(bytes), crc32: Number(crc32) };
}

function checkNames(streams: readonly Stream[], refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { name } of streams) {
    if (seen.has(name)) refuse('the name is there twice', name);
    seen.add(name);
  }
}

function checkCoverage(streams: readonly Stream[], dataBytes: number, refuse: Refuse): void {
  let end = 0;
  for (const { name, offset, bytes } of streams) {
    if (offset + bytes > dataBytes)
      refuse(`its ${bytes} bytes from ${offset} on reach past the end at ${dataBytes}`, name);
    end = aligned(offset + bytes);
  }
  if (end > dataBytes) refuse(`the file ends ${end - dataBytes} bytes too early`);
  if (end < dataBytes) refuse(`${dataBytes - end} bytes at the end belong to nothing`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

function isHeaderValue(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every((item) => typeof item === 'number')
    : typeof value === 'number' || typeof value === 'string';
}
