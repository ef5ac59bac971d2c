import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isForgeError } from '../../../core/errors/index.js';
import { openPacked, writePacked } from '../../../storage/packed/index.js';
import { fileOf, MODEL, streamsAt } from './support.js';

/** An entry of a tensor; what a case changes is given. */
const entry = (changes: Readonly<Record<string, unknown>> = {}) => ({
  ...{ name: 'a', role: 'norm', shape: [2], format: { use: 'float32' }, header: {} },
  ...{ bytes: 8, crc32: 0 },
  ...changes,
});
const header = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    config: { architecture: 'llama', hyperparameters: {} },
    ...{ tensors: [entry()], facts: {}, extras: [] },
    ...changes,
  });
const withEntry = (changes: Readonly<Record<string, unknown>>): string =>
  header({ tensors: [entry(changes)] });
const text = header();
/** The sound file with another header than its zlib stream. */
const stored = (change: (stream: Uint8Array) => Uint8Array): Uint8Array =>
  fileOf(text, 8, { stored: change });
const changedAtEnd = (stream: Uint8Array): Uint8Array =>
  stream.map((byte, i) => (i === stream.length - 1 ? byte ^ 1 : byte));
/** A header whose config has formats. */
const withFormats = (formats: unknown, changes: Readonly<Record<string, unknown>>): string =>
  header({
    config: { architecture: 'x', hyperparameters: {}, quantization: { formats } },
    tensors: [entry(changes)],
  });

/** What each file must be refused for; the words must be in the message, the part in the facts. */
const CORPUS: readonly (readonly [string, Uint8Array, string, string?])[] = [
  ['an empty file', new Uint8Array(0), 'has 0 bytes'],
  ['a file shorter than what comes before the header', new Uint8Array(23), 'has 23 bytes'],
  ['another magic', fileOf(text, 8, { magic: 'GGUF' }), 'does not start with AFPK'],
  ['another version', fileOf(text, 8, { version: 2 }), 'its version is 2'],
  [
    'a header of 2^64 - 1 bytes',
    fileOf(text, 8, { length: 0xffffffffffffffffn }),
    'claims 18446744073709551615 bytes',
  ],
  ['a header one above the limit', fileOf(text, 8, { length: 16_777_217n }), 'at most 16777216'],
  ['a header past the end', fileOf('{}', 0, { length: 17n }), 'ends after 16'],
  [
    'a header that inflates without bound',
    fileOf(new Uint8Array(2 ** 24 + 1)),
    'inflates to more than 16777216 bytes',
  ],
  ['a header that is not deflated', stored(() => new TextEncoder().encode(text)), 'cannot be inflated'],
  ['no header at all', stored(() => new Uint8Array(0)), 'cannot be inflated'],
  ['a header that is cut short', stored((stream) => stream.subarray(0, -5)), 'cannot be inflated'],
  ['a header whose own checksum is wrong', stored(changedAtEnd), 'cannot be inflated'],
  ['a header deflated without zlib', stored(() => deflateRawSync(text)), 'cannot be inflated'],
  ['a header in gzip', stored(() => gzipSync(text)), 'cannot be inflated'],
  [
    'a header that needs a dictionary',
    stored(() => deflateSync(text, { dictionary: Buffer.from('"tensors"') })),
    'cannot be inflated',
  ],
  [
    'bytes after the end of the header',
    stored((stream) => Buffer.concat([stream, Buffer.from('more')])),
    '4 bytes of the header come after its end',
  ],
  [
    'a second header after the first',
    stored((stream) => Buffer.concat([stream, stream])),
    'of the header come after its end',
  ],
  ['a wrong checksum', fileOf(text, 8, { crc: 1 }), 'header does not match its checksum'],
  ['a header that is not UTF-8', fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'not UTF-8'],
  ['a header that is not JSON', fileOf('{"a":}'), 'not JSON'],
  ['an empty header', fileOf(''), 'not JSON'],
  ['a header that is a list', fileOf('[]'), 'not an object'],
  ['a header that is a number', fileOf('3'), 'not an object'],
  ['a header that is null', fileOf('null'), 'not an object'],
  ['a header that is a tagged number', fileOf('{"$number":"1"}'), 'not an object'],
  ['endless nesting', fileOf(`{"facts":${'['.repeat(100_000)}`), 'nested too deeply'],
  ['a member twice', fileOf(`{"facts":1,${text.slice(1)}`, 8), '"facts" twice'],
  ['a member twice, once with an escape', fileOf(`{"\\u0066acts":1,${text.slice(1)}`, 8), '"facts" twice'],
  ['a member __proto__', fileOf(`{"__proto__":{"x":1},${text.slice(1)}`, 8), '__proto__'],
  [
    'a member __proto__ deep in the facts',
    fileOf(text.replace('"facts":{}', '"facts":{"a":[{"__proto__":1}]}'), 8),
    '__proto__',
  ],
  [
    'a member __proto__ in hyperparameters',
    fileOf(text.replace('"hyperparameters":{}', '"hyperparameters":{"__proto__":{}}'), 8),
    '__proto__',
  ],
  ['no config', fileOf(header({ config: null }), 8), 'config is not an object'],
  [
    'a config without architecture',
    fileOf(header({ config: { hyperparameters: {} } }), 8),
    'no architecture',
  ],
  [
    'a config without hyperparameters',
    fileOf(header({ config: { architecture: 'x' } }), 8),
    'no hyperparameters',
  ],
  [
    'a quantization that is a list',
    fileOf(header({ config: { architecture: 'x', hyperparameters: {}, quantization: [] } }), 8),
    'quantization',
  ],
  ['facts that are a list', fileOf(header({ facts: [] }), 8), 'facts is not an object'],
  ['tensors that are an object', fileOf(header({ tensors: {} }), 8), 'tensors is not a list'],
  ['no extras', fileOf(header({ extras: undefined }), 8), 'extras is not a list'],
  ['an entry that is a number', fileOf(header({ tensors: [3] }), 8), 'an entry is 3'],
  ['an entry without a name', fileOf(withEntry({ name: undefined }), 8), 'has the name nothing'],
  ['an empty name', fileOf(withEntry({ name: '' }), 8), 'has the name ""'],
  ['the name __proto__', fileOf(withEntry({ name: '__proto__' }), 8), 'not allowed', '__proto__'],
  ['a role that is no word', fileOf(withEntry({ role: 1 }), 8), 'role is 1', 'a'],
  ['a shape that is none', fileOf(withEntry({ shape: 2 }), 8), 'shape 2', 'a'],
  ['a negative side', fileOf(withEntry({ shape: [-1] }), 8), 'shape', 'a'],
  ['a fractional side', fileOf(withEntry({ shape: [0.5] }), 8), 'shape', 'a'],
  ['a side that is no number', fileOf(withEntry({ shape: [{ $number: 'NaN' }] }), 8), 'shape', 'a'],
  ['a huge shape', fileOf(withEntry({ shape: [65536, 65536] }), 8), 'too large', 'a'],
  [
    'a shape whose product overflows',
    fileOf(withEntry({ shape: Array(40).fill(2 ** 40) }), 8),
    'too large',
    'a',
  ],
  ['a format that is a word', fileOf(withEntry({ format: 'int8' }), 8), 'names no compressor', 'a'],
  ['a format without a name', fileOf(withEntry({ format: { use: 1 } }), 8), 'names no compressor', 'a'],
  ['options that are a list', fileOf(withEntry({ format: { use: 'x', options: [] } }), 8), 'options', 'a'],
  ['a note that is an object', fileOf(withEntry({ header: { a: {} } }), 8), 'what its compressor notes', 'a'],
  [
    'a note with a list of words',
    fileOf(withEntry({ header: { a: ['x'] } }), 8),
    'what its compressor notes',
    'a',
  ],
  ['no format at all', fileOf(withEntry({ format: undefined }), 8), 'names no compressor', 'a'],
  [
    'a format that stands in the config as well',
    fileOf(withFormats({ a: { use: 'int8' } }, {}), 8),
    'stands in the config as well',
    'a',
  ],
  [
    'a format of the config that names none',
    fileOf(withFormats({ a: { use: 1 } }, { format: undefined }), 8),
    'names no compressor',
    'a',
  ],
  [
    'formats of the config that are a word',
    fileOf(withFormats('a', { format: undefined }), 8),
    'names no compressor',
    'a',
  ],
  [
    'a format that every object inherits',
    fileOf(withFormats({}, { name: 'constructor', format: undefined }), 8),
    'names no compressor',
    'constructor',
  ],
  ['negative bytes', fileOf(withEntry({ bytes: -8 }), 8), 'bytes -8', 'a'],
  ['bytes beyond integers', fileOf(withEntry({ bytes: 2 ** 64 }), 8), 'bytes 18446744073709552000', 'a'],
  ['bytes that are a word', fileOf(withEntry({ bytes: '8' }), 8), 'bytes "8"', 'a'],
  ['a checksum that is none', fileOf(withEntry({ crc32: 0.5 }), 8), 'crc32 0.5', 'a'],
  ['bytes past the end', fileOf(withEntry({ bytes: 16 }), 8), 'reach past the end at 8', 'a'],
  [
    'bytes past the end after those of another',
    fileOf(header({ tensors: [entry(), entry({ name: 'b' })] }), 8),
    'its 8 bytes from 8 on reach past the end at 8',
    'b',
  ],
  [
    'bytes of an extra past the end',
    fileOf(header({ extras: [{ name: 'b', bytes: 4, crc32: 0 }] }), 8),
    'its 4 bytes from 8 on reach past the end at 8',
    'b',
  ],
  ['bytes after the last', fileOf(text, 16), '8 bytes at the end belong to nothing'],
  [
    'a file without the filling of its last part',
    fileOf(withEntry({ bytes: 5 }), 5),
    'ends 3 bytes too early',
  ],
  ['a name twice', fileOf(header({ tensors: [entry(), entry()] }), 16), 'there twice', 'a'],
  ['an extra twice', fileOf(header({ tensors: [], extras: [entry(), entry()] }), 16), 'there twice', 'a'],
];

test.each(CORPUS.map(([what, bytes, reason, part]) => ({ what, bytes, reason, part })))(
  'refuses $what',
  ({ bytes, reason, part }) => {
    expect(() => openPacked(bytes, 'hostile.afpk')).toThrow(
      expect.objectContaining({
        ...{ code: 'AF_PACKED_FORMAT', at: 'hostile.afpk' },
        message: expect.stringContaining(reason) as string,
        ...(part === undefined ? {} : { facts: { part } }),
      }),
    );
  },
);

test('accepts what the corpus is made of: it is refused for what each case says alone', () => {
  expect([...openPacked(fileOf(text, 8)).tensors.keys()]).toEqual(['a']);
});

/** Open it and read all of it. */
function readAll(bytes: Uint8Array): void {
  const file = openPacked(bytes);
  for (const name of file.tensors.keys()) file.read(name);
  for (const name of file.extras) file.readExtra(name);
}

test('a change of any byte is noticed, whichever bit of it', () => {
  const valid = writePacked(MODEL);
  expect(() => readAll(valid)).not.toThrow();
  for (let at = 0; at < valid.length; at++)
    for (const bits of [1, 0x80, 0xff]) {
      const bytes = valid.slice();
      bytes[at]! ^= bits;
      let code: unknown = `byte ${at} changed and nothing was noticed`;
      try {
        readAll(bytes);
      } catch (error) {
        code = isForgeError(error) ? error.code : error;
      }
      expect(code).toBe('AF_PACKED_FORMAT');
    }
});

test('a file that is cut anywhere, or goes on, is refused', () => {
  const valid = writePacked(MODEL);
  for (let length = 0; length < valid.length; length++)
    expect(() => openPacked(valid.subarray(0, length))).toThrow(
      expect.objectContaining({ code: 'AF_PACKED_FORMAT' }),
    );
  const longer = new Uint8Array(valid.length + 8);
  longer.set(valid);
  expect(() => openPacked(longer)).toThrow(/at the end belong to nothing/);
});

test('a damaged tensor does not keep others from being read', () => {
  const bytes = writePacked(MODEL);
  const { tensors } = openPacked(bytes);
  bytes[streamsAt(bytes) + tensors.get('norm')!.offset]! ^= 1;
  const file = openPacked(bytes);
  expect(file.read('o')).toEqual(MODEL.tensors[0]!.compressed);
  expect(() => file.read('norm')).toThrow(/"norm": its bytes do not match their checksum/);
});

test('any header with a right checksum is read or refused, never anything else', () => {
  const json = fc.json({ maxDepth: 4 });
  const members = fc.dictionary(
    fc.constantFrom('config', 'tensors', 'facts', 'extras', 'x'),
    json.map((value) => JSON.parse(value) as unknown),
  );
  fc.assert(
    fc.property(members, fc.nat(32), (changes, data) => {
      try {
        readAll(fileOf(header(changes), data));
      } catch (error) {
        expect(isForgeError(error)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
