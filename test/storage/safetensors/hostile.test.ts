import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, openSafetensorsBytes } from '../../../storage/safetensors/index.js';
import { isForgeError } from '../../../core/errors/index.js';
import { safetensorsBytes } from '../support/safetensors-bytes.js';
import { scratchFolders, thrownBy } from '../support/scratch.js';

const scratch = scratchFolders();
const f32 = (shape: readonly number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

/** What each file must be refused for; the words must be in the message, the tensor in the facts. */
const CORPUS: readonly (readonly [string, Uint8Array, string, string?])[] = [
  ['an empty file', new Uint8Array(0), 'has 0 bytes'],
  ['a file shorter than the length', new Uint8Array(7), 'has 7 bytes'],
  [
    'a header length of 2^64 - 1',
    safetensorsBytes('{}', 0, 0xffffffffffffffffn),
    'claims 18446744073709551615 bytes',
  ],
  ['a header length one above the limit', safetensorsBytes('{}', 0, 100_000_001n), 'at most 100000000'],
  ['a header length past the end', safetensorsBytes('{}', 0, 3n), 'ends after 2'],
  ['an empty header', safetensorsBytes(''), 'does not start with {'],
  ['a header that starts with a space', safetensorsBytes(' {}'), 'does not start with {'],
  ['a header that is a list', safetensorsBytes('[]'), 'does not start with {'],
  ['a header with a byte order mark', safetensorsBytes('\ufeff{}'), 'does not start with {'],
  ['a header that is not UTF-8', safetensorsBytes(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'not UTF-8'],
  ['a header that is not JSON', safetensorsBytes('{"a":}'), 'not JSON'],
  ['a header with text after the JSON', safetensorsBytes('{}x'), 'not JSON'],
  ['a truncated header', safetensorsBytes('{"a":{"dtype":"F32"'), 'not JSON'],
  ['an unclosed string at the end', safetensorsBytes('{"a\\'), 'not JSON'],
  ['endless nesting', safetensorsBytes(`{"a":${'['.repeat(100_000)}`), 'nested too deeply'],
  [
    'a duplicate tensor',
    safetensorsBytes(`{"a":${JSON.stringify(f32([1], 0, 4))},"a":${JSON.stringify(f32([1], 0, 4))}}`, 4),
    '"a" twice',
    'a',
  ],
  ['a duplicate written with an escape', safetensorsBytes('{"a":{},"\\u0061":{}}'), '"a" twice', 'a'],
  [
    'a duplicate field',
    safetensorsBytes('{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}', 4),
    '"dtype" twice',
  ],
  ['an entry that is a number', safetensorsBytes({ a: 3 }), 'not an object', 'a'],
  ['an entry that is a list', safetensorsBytes({ a: [] }), 'not an object', 'a'],
  ['an entry without fields', safetensorsBytes({ a: {} }), 'unknown dtype', 'a'],
  [
    'an unknown dtype',
    safetensorsBytes({ a: { ...f32([1], 0, 4), dtype: 'F31' } }, 4),
    'unknown dtype "F31"',
    'a',
  ],
  [
    'a dtype from the prototype',
    safetensorsBytes({ a: { ...f32([1], 0, 4), dtype: 'toString' } }, 4),
    'unknown dtype',
    'a',
  ],
  ['a negative dimension', safetensorsBytes({ a: f32([-1], 0, 4) }, 4), 'shape', 'a'],
  ['a fractional dimension', safetensorsBytes({ a: f32([1.5], 0, 4) }, 4), 'shape', 'a'],
  [
    'an unsafe dimension',
    safetensorsBytes('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
    'shape',
    'a',
  ],
  ['a dimension as text', safetensorsBytes({ a: { ...f32([], 0, 4), shape: ['1'] } }, 4), 'shape', 'a'],
  [
    'a product that overflows',
    safetensorsBytes({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4),
    'too many bytes',
    'a',
  ],
  [
    'offsets that are no pair',
    safetensorsBytes({ a: { ...f32([1], 0, 4), data_offsets: [0] } }, 4),
    'data_offsets',
    'a',
  ],
  ['a negative offset', safetensorsBytes({ a: f32([1], -4, 0) }, 4), 'data_offsets', 'a'],
  [
    'an unsafe offset',
    safetensorsBytes('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551616]}}', 4),
    'data_offsets',
    'a',
  ],
  ['offsets that run backwards', safetensorsBytes({ a: f32([1], 4, 0) }, 4), 'backwards', 'a'],
  ['offsets past the end', safetensorsBytes({ a: f32([2], 0, 8) }, 4), 'past the end of the data at 4', 'a'],
  [
    'a shape larger than the offsets',
    safetensorsBytes({ a: f32([2], 0, 4) }, 4),
    'needs 8 bytes, data_offsets span 4',
    'a',
  ],
  [
    'a shape smaller than the offsets',
    safetensorsBytes({ a: f32([1], 0, 8) }, 8),
    'needs 4 bytes, data_offsets span 8',
    'a',
  ],
  ['half a byte', safetensorsBytes({ a: { ...f32([1], 0, 0), dtype: 'F4' } }), 'needs too many bytes', 'a'],
  [
    'overlapping tensors',
    safetensorsBytes({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
    'overlap those of "a"',
    'b',
  ],
  ['the same bytes twice', safetensorsBytes({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), 'overlap', 'b'],
  [
    'a gap',
    safetensorsBytes({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
    '4 bytes before it belong to no tensor',
    'b',
  ],
  ['a gap at the start', safetensorsBytes({ a: f32([1], 4, 8) }, 8), '4 bytes before it', 'a'],
  ['trailing bytes', safetensorsBytes({ a: f32([1], 0, 4) }, 5), '1 bytes at the end belong to no tensor'],
  ['data without tensors', safetensorsBytes({}, 8), '8 bytes at the end'],
  [
    'a number in the metadata',
    safetensorsBytes({ __metadata__: { epoch: 3 } }),
    '__metadata__.epoch is number',
  ],
  ['metadata that is a list', safetensorsBytes({ __metadata__: ['x'] }), '__metadata__ is not an object'],
  ['null in the metadata', safetensorsBytes({ __metadata__: { a: null } }), '__metadata__.a'],
  [
    'a tensor named __proto__',
    safetensorsBytes(`{"__proto__":${JSON.stringify(f32([1], 0, 4))}}`, 4),
    '__proto__',
    '__proto__',
  ],
];

it.each(CORPUS.map(([what, bytes, reason, tensor]) => ({ what, bytes, reason, tensor })))(
  'refuses $what',
  async ({ bytes, reason, tensor }) => {
    const path = join(await scratch(), 'hostile.safetensors');
    await writeFile(path, bytes);
    for (const open of [() => openSafetensors(path), () => openSafetensorsBytes(bytes, path)]) {
      const error = await thrownBy(open);
      expect(error).toMatchObject({
        code: 'AF_SAFETENSORS_FORMAT',
        at: path,
        message: expect.stringContaining(reason),
      });
      if (tensor !== undefined)
        expect(error).toMatchObject({ facts: { tensor }, message: expect.stringContaining(`"${tensor}"`) });
    }
  },
);

it('accepts what the format allows: scalars, empty dimensions, unpadded headers, unknown fields, no tensors', async () => {
  const header = {
    __metadata__: { format: 'pt' },
    s: f32([], 0, 4),
    e: { ...f32([0, 2 ** 50], 4, 4), note: { a: [1] } },
    t: f32([1, 1], 4, 8),
  };
  const reader = await openSafetensorsBytes(
    safetensorsBytes(header, new Uint8Array(Float32Array.of(1.5, -2).buffer)),
    'memory',
  );
  expect([...reader.entries.keys()]).toEqual(['s', 'e', 't']);
  expect(await reader.read('s')).toEqual({ shape: [], dtype: 'float32', data: Float32Array.of(1.5) });
  expect((await reader.read('e')).data).toHaveLength(0);
  expect(reader.metadata).toEqual({ format: 'pt' });
  expect((await openSafetensorsBytes(safetensorsBytes('{}'), 'memory')).entries.size).toBe(0);
  expect((await openSafetensorsBytes(safetensorsBytes('{}      '), 'memory')).entries.size).toBe(0);
});

it('answers any flipped or cut bytes with a reading or a ForgeError, never with anything else', async () => {
  const valid = safetensorsBytes(
    { __metadata__: { k: 'v' }, a: f32([2], 0, 8), b: { dtype: 'BOOL', shape: [3], data_offsets: [8, 11] } },
    11,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(valid.byteLength - 1), fc.nat(255)), { maxLength: 4 }),
      fc.nat(valid.byteLength),
      async (flips, length) => {
        const bytes = valid.slice(0, length);
        for (const [index, value] of flips) if (index < length) bytes[index] = value;
        try {
          const reader = await openSafetensorsBytes(bytes, 'fuzz');
          for (const name of reader.entries.keys()) await reader.read(name);
        } catch (error) {
          expect(isForgeError(error)).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});
