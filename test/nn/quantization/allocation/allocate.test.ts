import fc from 'fast-check';
import { initializeWeights } from '../../../../nn/models/index.js';
import {
  allocate,
  formatChoices,
  formatErrors,
  layerMap,
  leastBytes,
  purchaseTable,
  relativeOutputError,
  smallestFormats,
  type TensorChoice,
} from '../../../../nn/quantization/index.js';
import { fakeFormats, matrix, MODEL } from './fake-formats.js';

const AT = 'size';
const choices = formatChoices(MODEL, fakeFormats, {}, AT);
const weights = initializeWeights(MODEL, 1);
const errors = formatErrors(choices, fakeFormats, weights, {});
const most = choices.reduce((sum, { options }) => sum + options.at(-1)!.bytes, 0);

/** Matrices with any bytes and errors: some formats worse than smaller ones, some groups of two. */
const models = fc
  .array(
    fc.record({
      layer: fc.integer({ min: 0, max: 3 }),
      role: fc.constantFrom('ffn-down' as const, 'ffn-up' as const, 'attention-output' as const),
      bytes: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 50 }))),
      errors: fc.tuple(...[0, 1, 2, 3].map(() => fc.double({ min: 0, max: 1, noNaN: true }))),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) => {
    const made = rows.map(({ layer, role, bytes }, i): TensorChoice => {
      let sum = 10;
      const options = ['ternary', 'int4', 'int8', 'float16'].map((format, k) => {
        sum += bytes[k]!;
        return { format, bytes: sum };
      });
      return { tensor: matrix(`m${i}`, role, [64, 64], { layer }), options, reason: 'linear matrix' };
    });
    return { made, errors: Object.fromEntries(rows.map((row, i) => [`m${i}`, row.errors])) };
  });

const totalOf = (made: readonly TensorChoice[], formats: Readonly<Record<string, string>>): number =>
  made.reduce(
    (sum, { tensor, options }) => sum + options.find(({ format }) => format === formats[tensor.name])!.bytes,
    0,
  );

test('never above the cap, and the bytes are those of the formats', () => {
  fc.assert(
    fc.property(models, fc.nat(400), fc.nat(20), ({ made, errors: own }, spare, overhead) => {
      const cap = { bytes: leastBytes(made) + overhead + spare, overhead };
      const found = allocate(made, own, cap, { at: AT });
      expect(found.bytes).toBeLessThanOrEqual(cap.bytes);
      expect(found.bytes).toBe(totalOf(made, found.formats) + overhead);
      const spent = found.purchases.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(found.bytes).toBe(leastBytes(made) + overhead + spent);
    }),
  );
});

test('a larger cap never gives a larger error', () => {
  fc.assert(
    fc.property(models, ({ made, errors: own }) => {
      const least = leastBytes(made);
      let before = Infinity;
      for (let spare = 0; spare <= 420; spare++) {
        const { error } = allocate(made, own, { bytes: least + spare }, { at: AT });
        expect(error).toBeLessThanOrEqual(before + 1e-12);
        before = error;
      }
    }),
    { numRuns: 60 },
  );
});

test('with room for everything each group has the format of the least error', () => {
  fc.assert(
    fc.property(models, ({ made, errors: own }) => {
      const { error, refused } = allocate(made, own, { bytes: 1e9 }, { at: AT });
      const groups = new Map<string, number[]>();
      for (const { tensor } of made) {
        const name = `${tensor.layer} ${tensor.role}`;
        const sums = groups.get(name) ?? [0, 0, 0, 0];
        groups.set(
          name,
          sums.map((sum, i) => sum + own[tensor.name]![i]!),
        );
      }
      const least = [...groups.values()].reduce((sum, sums) => sum + Math.min(...sums), 0);
      expect(error).toBeCloseTo(least, 9);
      expect(refused).toEqual([]);
    }),
  );
});

test('all ternary at the least cap, and nothing fits below it', () => {
  const least = leastBytes(choices);
  const found = allocate(choices, errors, { bytes: least }, { at: AT });
  expect(found.formats).toEqual(smallestFormats(choices));
  expect(found.purchases).toEqual([]);
  expect(found.refused.length).toBeGreaterThan(0);
  expect(() => allocate(choices, errors, { bytes: least - 1 }, { at: AT })).toThrow('cannot be met');
  const all = allocate(choices, errors, { bytes: most }, { at: AT });
  expect(all.formats['layers.0.query']).toBe('float16');
  expect(all.bytes).toBe(most);
});

test('the same input gives the same formats; the matrices of a group have one', () => {
  for (const bytes of [65_000, 80_000, 120_000]) {
    const found = allocate(choices, errors, { bytes }, { at: AT });
    expect(allocate(choices, errors, { bytes }, { at: AT })).toEqual(found);
    for (const layer of [0, 1]) {
      expect(found.formats[`layers.${layer}.query`]).toBe(found.formats[`layers.${layer}.value`]);
      expect(found.formats[`layers.${layer}.gate`]).toBe(found.formats[`layers.${layer}.up`]);
      expect(found.formats[`layers.${layer}.key`]).toBe('float16');
    }
  }
});

test('by hand: most error for each byte first, a step that does not fit closes its group alone', () => {
  const own = (name: string, layer: number, bytes: readonly number[]): TensorChoice => ({
    tensor: matrix(name, 'ffn-down', [64, 64], { layer }),
    options: ['ternary', 'int4', 'int8'].map((format, i) => ({ format, bytes: bytes[i]! })),
    reason: 'linear matrix',
  });
  const three = [own('a', 0, [10, 20, 40]), own('b', 1, [10, 60, 70]), own('c', 2, [10, 12, 14])];
  // Worth for each byte: a 0.05 then 0.01; b 0.02 for 50 bytes; c nothing for int4, 0.005 for int8 at once.
  const of = { a: [1, 0.5, 0.3], b: [1, 0, 0], c: [0.02, 0.02, 0] };
  const found = allocate(three, of, { bytes: 30 + 10 + 24 }, { at: AT });
  expect(found.formats).toEqual({ a: 'int8', b: 'ternary', c: 'int8' });
  expect(found.purchases.map(({ group, to }) => `${group.name} ${to}`)).toEqual([
    'layer 0 ffn down int4',
    'layer 0 ffn down int8',
    'layer 2 ffn down int8',
  ]);
  expect(found.refused.map(({ group }) => group.name)).toEqual(['layer 1 ffn down']);
  expect(found.error).toBeCloseTo(1.3, 9);
  expect(found.reasons).toMatchObject({ a: 'layer 0 ffn down was worth it', b: 'linear matrix' });
  const { rows, columns, title } = purchaseTable(found);
  expect(rows.map((row) => row.at(-1))).toEqual(['bought', 'bought', 'bought', 'does not fit']);
  expect(rows.every((row) => row.length === columns.length)).toBe(true);
  expect(title).toContain('64 of 64 bytes');
});

test('measured losses go before errors, and groups that were not measured count as the others on average', () => {
  const losses = { 'layer 0 ffn down': 0, 'layer 1 ffn down': 3, 'layer 0 ffn in': -0.1 };
  const least = leastBytes(choices);
  const found = allocate(choices, errors, { bytes: least + 2048 }, { at: AT, losses });
  expect(found.purchases[0]!.group.name).toBe('layer 1 ffn down');
  const all = allocate(choices, errors, { bytes: most }, { at: AT, losses });
  // Nothing is bought where nothing is lost.
  expect(all.formats).toMatchObject({ 'layers.0.down': 'ternary', 'layers.0.up': 'ternary' });
  expect(all.formats['layers.1.output']).toBe('float16');
});

test('errors are those of the outputs, with the power of the inputs where it is known', () => {
  const [tensor] = [choices.find((choice) => choice.tensor.name === 'layers.0.down')!];
  const power = Float64Array.from({ length: 128 }, (_, i) => i + 1);
  const known = formatErrors([tensor], fakeFormats, weights, { 'layers.0.down': { power } });
  const { compressor } = fakeFormats['int4']!;
  const own = weights['layers.0.down']!;
  const stand = compressor.decompress(compressor.compress(own));
  expect(known['layers.0.down']![1]).toBe(relativeOutputError(own, stand, { inputPower: power }));
  expect(errors['layers.0.down']![1]).toBe(relativeOutputError(own, stand));
  expect(Object.keys(errors)).not.toContain('table');
  expect([...errors['layers.0.down']!]).toEqual([...errors['layers.0.down']!].sort((a, b) => b - a));
});

test('a layer map has the formats that a config holds', () => {
  expect(layerMap({ a: 'int4', b: 'float16' }, fakeFormats)).toEqual({
    a: { use: 'int4' },
    b: { use: 'float16' },
  });
});
