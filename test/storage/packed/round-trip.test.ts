import fc from 'fast-check';
import { openPacked, writePacked, type PackedModel } from '../../../storage/packed/index.js';
import { fileOf, headerOf, MODEL, streamsAt } from './support.js';

test('everything comes back', () => {
  const file = openPacked(writePacked(MODEL));
  expect(file.config).toEqual(MODEL.config);
  expect(file.facts).toEqual(MODEL.facts);
  expect([...file.tensors.keys()]).toEqual(['empty', 'norm', 'o']);
  for (const { name, role, format, compressed } of MODEL.tensors) {
    expect(file.tensors.get(name)).toMatchObject({ role, format, shape: compressed.shape });
    expect(file.read(name)).toEqual(compressed);
  }
  expect(file.extras).toEqual(['tokenizer.json']);
  expect(file.readExtra('tokenizer.json')).toEqual(Uint8Array.of(0x7b, 0x7d));
});

test('by hand: magic, version, length, checksum, header, then streams at multiples of eight', () => {
  const bytes = writePacked(MODEL);
  const view = new DataView(bytes.buffer);
  expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('AFPK');
  expect([view.getUint32(4, true), view.getUint32(20, true)]).toEqual([1, 0]);
  const end = streamsAt(bytes);
  const text = headerOf(bytes);
  expect(text).toMatch(/^\{"config":\{"architecture":"llama",.*\}$/);
  expect(bytes).toEqual(fileOf(text, bytes.length - end).map((byte, i) => (i < end ? byte : bytes[i]!)));
  // empty, norm, o and the tokenizer.
  expect([...bytes.subarray(end)]).toEqual([
    8, 7, 6, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 0, 0, 0, 0x7b, 0x7d, 0, 0, 0, 0, 0, 0,
  ]);
});

test('nothing is said twice: formats of the config, places that follow from lengths, notes that are not there', () => {
  const { tensors } = JSON.parse(headerOf(writePacked(MODEL))) as { tensors: Record<string, unknown>[] };
  expect(tensors.map((entry) => Object.keys(entry).sort())).toEqual([
    ['bytes', 'crc32', 'format', 'name', 'role', 'shape'],
    ['bytes', 'crc32', 'format', 'name', 'role', 'shape'],
    ['bytes', 'crc32', 'header', 'name', 'role', 'shape'],
  ]);
  expect([...openPacked(writePacked(MODEL)).tensors.values()].map(({ offset }) => offset)).toEqual([0, 0, 8]);
});

test('a format that the config contradicts is not written', () => {
  const [first, ...others] = MODEL.tensors;
  const tensors = [{ ...first!, format: { use: 'int8' } }, ...others];
  expect(() => writePacked({ ...MODEL, tensors })).toThrow(/"o": its format stands in the config as well/);
});

test('equal models give equal bytes, in whatever order they say things', () => {
  const turned = <T>(value: T): T => {
    if (Array.isArray(value) || ArrayBuffer.isView(value) || typeof value !== 'object' || value === null)
      return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, turned(member)]),
    ) as T;
  };
  const other: PackedModel = { ...turned(MODEL), tensors: [...MODEL.tensors].reverse().map(turned) };
  expect(writePacked(other)).toEqual(writePacked(MODEL));
});

test('a model without tensors, extras or facts is one too', () => {
  const config = { architecture: 'x', hyperparameters: {} };
  const file = openPacked(writePacked({ config, tensors: [], facts: {} }));
  expect([file.tensors.size, file.extras]).toEqual([0, []]);
});

test('bytes that lie anywhere in memory are read as well', () => {
  const bytes = writePacked(MODEL);
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  expect(openPacked(moved.subarray(3)).read('norm')).toEqual(MODEL.tensors[2]!.compressed);
});

test('what is not there is not found', () => {
  const file = openPacked(writePacked(MODEL), 'model.afpk');
  const lacking = { code: 'AF_PACKED_NOT_FOUND', at: 'model.afpk' };
  expect(() => file.read('toString')).toThrow(expect.objectContaining(lacking));
  expect(() => file.readExtra('o')).toThrow(expect.objectContaining(lacking));
});

test('what could not be read back is not written', () => {
  const twice: PackedModel = { ...MODEL, tensors: [MODEL.tensors[0]!, MODEL.tensors[0]!] };
  expect(() => writePacked(twice)).toThrow(/"o": the name is there twice/);
  const hostile = JSON.parse('{ "__proto__": { "admin": true } }') as Record<string, unknown>;
  expect(() => writePacked({ ...MODEL, facts: hostile })).toThrow(/__proto__/);
});

const part = fc.uint8Array({ maxLength: 40 });
/** 'o' has a format in the config. */
const names = fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !['__proto__', 'o'].includes(name));
const tensors = fc.uniqueArray(
  fc.record({
    name: names,
    role: fc.string(),
    format: fc.record({ use: fc.string() }),
    compressed: fc.record({
      shape: fc.array(fc.nat(50), { maxLength: 3 }),
      header: fc.constant({ layout: 'in-out' }),
      bytes: part,
    }),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);
const extras = fc.array(fc.tuple(names, part), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));

test('any names and bytes come back', () => {
  fc.assert(
    fc.property(tensors, extras, (some, more) => {
      const file = openPacked(writePacked({ config: MODEL.config, tensors: some, facts: {}, extras: more }));
      for (const { name, role, format, compressed } of some) {
        expect(file.read(name)).toEqual(compressed);
        expect(file.tensors.get(name)).toMatchObject({ role, format });
      }
      expect(Object.fromEntries(file.extras.map((name) => [name, file.readExtra(name)]))).toEqual(more);
    }),
  );
});
