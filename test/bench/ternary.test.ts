import { run } from '../../bench/ternary.js';
import { builtInCompressors, codesOf, compressorsOf, formatsOf } from '../../bench/ternary/compressors.js';
import { unpackedMatrix } from '../../nn/quantization/index.js';
import { titansMag } from '../../plugins/architectures/titans-mag/index.js';

test('a model in codes is timed beside the same in floats', async () => {
  const lines: string[] = [];
  const shape = { name: 'tiny', architecture: () => titansMag(), size: 'tiny' };
  const report = await run((line) => lines.push(line), [shape], [1], [[32, 48, 2]]);
  const { shapes, matrices } = report;
  const { fp32, packed, packed4 } = shapes['tiny']!.batches['batch1']!;
  // 37,873 parameters: an eighth and less of their bytes, but for what stays in floats.
  expect(fp32.weightBytes).toBe(4 * 37873);
  expect(packed.weightBytes).toBeLessThan(fp32.weightBytes / 3);
  expect(packed4.weightBytes).toBeLessThan(packed.weightBytes);
  expect(packed.carriedBytes).toBe(fp32.carriedBytes);
  expect(packed.decodeRatio).toBeCloseTo(packed.decodeTokensPerSecond / fp32.decodeTokensPerSecond, 6);
  expect(packed.prefillRatio).toBeCloseTo(packed.prefillTokensPerSecond / fp32.prefillTokensPerSecond, 6);
  // 48 rows of one block of 32 codes of 2 bits, and a scale each.
  expect(matrices['32x48']).toMatchObject({ packedBytes: 48 * (8 + 4) });
  expect(lines.length).toBe(5);
});

test('tables of 4 bits are in what int4 gives: a scale for every 32 weights', async () => {
  const builtIn = await builtInCompressors();
  const data = Float32Array.from({ length: 6 * 96 }, (_, i) => Math.sin(i));
  const table = {
    name: 'table',
    shape: [6, 96],
    role: 'embedding',
    init: { kind: 'constant', value: 0 },
  } as const;
  const formats = formatsOf(
    [table, { ...table, name: 'up', role: 'ffn-up', linear: true }, { ...table, name: 'gate', role: 'gate' }],
    'int4',
  );
  expect(formats).toEqual({ table: { use: 'int4' }, up: { use: 'ternary' } });
  const found = compressorsOf(builtIn, formats);
  expect(found).toEqual({ table: builtIn.int4, up: builtIn.ternary });
  const weight = { dtype: 'float32', shape: [6, 96], data } as const;
  const codes = codesOf(builtIn.int4, weight);
  expect(codes).toMatchObject({ out: 6, in: 96, bits: 4, block: 32 });
  const values = builtIn.int4.decompress(builtIn.int4.compress(weight, { layout: 'out-in' }));
  expect(Array.from(unpackedMatrix(codes))).toEqual(Array.from(values.data));
});
