import fc from 'fast-check';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostArray } from '../../../core/contracts/tensor.js';
import { sha256 } from '../../../storage/index.js';
import {
  createSafetensorsWriter,
  openSafetensors,
  type PlannedTensor,
} from '../../../storage/safetensors/index.js';
import { oracles } from '../../support/oracles.js';
import { scratchFolders, thrownBy } from '../support/scratch.js';
import { safetensorsBytes } from '../support/safetensors-bytes.js';
import { openSafetensorsBytes } from '../../../storage/safetensors/index.js';

const scratch = scratchFolders();
const oracle = oracles();
const ARRAYS = { F32: Float32Array, I32: Int32Array, BOOL: Uint8Array } as const;

const planned = fc.uniqueArray(
  fc.record({
    name: fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !name.startsWith('__')),
    dtype: fc.constantFrom('F32' as const, 'I32' as const, 'BOOL' as const),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    seed: fc.nat(),
  }),
  { selector: ({ name }) => name, maxLength: 8 },
);

function dataOf({
  dtype,
  shape,
  seed,
}: {
  dtype: keyof typeof ARRAYS;
  shape: readonly number[];
  seed: number;
}): HostArray {
  const data = new ARRAYS[dtype](shape.reduce((product, size) => product * size, 1));
  return data.map((_: number, i: number) =>
    dtype === 'BOOL' ? (seed + i) % 2 : ((seed + i * 7919) % 1000) - 500,
  );
}

it('reads back what was written, bit for bit, in whatever order it was written', async () => {
  const folder = await scratch();
  await fc.assert(
    fc.asyncProperty(
      planned,
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      fc.boolean(),
      async (tensors, metadata, reverse) => {
        const path = join(folder, 'file.safetensors');
        const safe = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== '__proto__'));
        const writer = await createSafetensorsWriter(path, tensors, safe);
        const order = reverse ? [...writer.order].reverse() : writer.order;
        for (const name of order)
          await writer.write(name, dataOf(tensors.find((tensor) => tensor.name === name)!));
        const written = await writer.finish();
        expect(written).toEqual({ bytes: (await stat(path)).size, sha256: sha256(await readFile(path)) });

        const reader = await openSafetensors(path);
        expect(reader.metadata).toEqual(safe);
        expect([...reader.entries.keys()]).toEqual(writer.order);
        for (const tensor of tensors) {
          expect(await reader.read(tensor.name)).toMatchObject({ shape: tensor.shape, data: dataOf(tensor) });
        }
        await reader.close();
      },
    ),
    { numRuns: 60 },
  );
  expect(await readdir(folder)).toEqual(['file.safetensors']);
});

oracle.describe('files of the reference writer', () => {
  it('writes the bytes that the reference writer writes, and reads its numbers', async () => {
    for (const name of [
      'pytorch/blocks.safetensors',
      'pytorch/optimizers.safetensors',
      'mergekit/base/model.safetensors',
    ]) {
      const path = oracle.path(name);
      const reader = await openSafetensors(path);
      const copy = join(await scratch(), 'copy.safetensors');
      const plan = [...reader.entries.values()].reverse();
      const writer = await createSafetensorsWriter(copy, plan, reader.metadata);
      for (const tensor of plan) await writer.write(tensor.name, await reader.readRaw(tensor.name));
      await writer.finish();
      expect(Buffer.compare(await readFile(copy), await readFile(path))).toBe(0);
      await reader.close();
    }
  });

  it('agrees with the oracle: the loss it stores is the mean of the cross-entropies of its logits', async () => {
    const path = oracle.path('pytorch', 'blocks.safetensors');
    const reader = await openSafetensors(path);
    const logits = await reader.read('ce_logits');
    const targets = await reader.read('ce_targets');
    const [loss] = (await reader.read('ce_loss')).data;
    const [rows = 0, classes = 0] = logits.shape;
    let sum = 0;
    let counted = 0;
    for (let row = 0; row < rows; row++) {
      const target = targets.data[row]!;
      if (target === -100) continue;
      const values = [...logits.data.subarray(row * classes, (row + 1) * classes)];
      sum += Math.log(values.reduce((total, value) => total + Math.exp(value), 0)) - values[target]!;
      counted += 1;
    }
    expect(sum / counted).toBeCloseTo(loss!, 5);
    await reader.close();
  });
});

it('starts the data at a multiple of eight and puts wide types first', async () => {
  const path = join(await scratch(), 'f.safetensors');
  const plan: PlannedTensor[] = [
    { name: 'flag', dtype: 'BOOL', shape: [3] },
    { name: 'b', dtype: 'F32', shape: [1] },
    { name: 'half', dtype: 'F16', shape: [1] },
    { name: 'a', dtype: 'F32', shape: [1] },
    { name: 'count', dtype: 'I64', shape: [1] },
    { name: 'i', dtype: 'I32', shape: [1] },
  ];
  const writer = await createSafetensorsWriter(path, plan);
  for (const { name, dtype, shape } of plan)
    await writer.write(name, new Uint8Array(bytes(dtype) * shape[0]!));
  await writer.finish();
  const reader = await openSafetensors(path);
  expect([...reader.entries.keys()]).toEqual(['count', 'a', 'b', 'i', 'half', 'flag']);
  for (const { begin, dtype } of reader.entries.values()) expect(begin % bytes(dtype)).toBe(0);
  expect([...reader.entries.values()][0]!.begin % 8).toBe(0);
  await reader.close();
});

function bytes(dtype: PlannedTensor['dtype']): number {
  return { I64: 8, F32: 4, I32: 4, F16: 2, BOOL: 1 }[dtype as string]!;
}

describe('element types', () => {
  const read = async (dtype: string, data: ArrayBufferView, count: number) => {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    // One byte of padding in front of the brace would be refused; an odd header makes every view unaligned.
    const header = JSON.stringify({ x: { dtype, shape: [count], data_offsets: [0, raw.byteLength] } });
    return (
      await openSafetensorsBytes(safetensorsBytes(header.length % 2 ? header : `${header} `, raw), 'm')
    ).read('x');
  };

  it.each([
    ['F64', Float64Array.of(1.5, -0.1), Float32Array.of(1.5, Math.fround(-0.1))],
    ['F32', Float32Array.of(1.5, -0.1), Float32Array.of(1.5, -0.1)],
    ['F16', Uint16Array.of(0x3e00, 0x8001), Float32Array.of(1.5, -(2 ** -24))],
    ['BF16', Uint16Array.of(0x3fc0, 0xff80), Float32Array.of(1.5, -Infinity)],
    ['I64', BigInt64Array.of(-5n, 2147483647n), Int32Array.of(-5, 2147483647)],
    ['U64', BigUint64Array.of(0n, 2147483647n), Int32Array.of(0, 2147483647)],
    ['I32', Int32Array.of(-5, 7), Int32Array.of(-5, 7)],
    ['U32', Uint32Array.of(5, 2147483647), Int32Array.of(5, 2147483647)],
    ['I16', Int16Array.of(-32768, 7), Int32Array.of(-32768, 7)],
    ['U16', Uint16Array.of(65535, 7), Int32Array.of(65535, 7)],
    ['I8', Int8Array.of(-128, 7), Int32Array.of(-128, 7)],
    ['U8', Uint8Array.of(255, 7), Int32Array.of(255, 7)],
    ['BOOL', Uint8Array.of(1, 0), Uint8Array.of(1, 0)],
  ])('reads %s', async (dtype, stored, expected) => {
    expect((await read(dtype, stored, 2)).data).toEqual(expected);
  });

  it.each([
    ['I64', BigInt64Array.of(1n, 2147483648n)],
    ['I64', BigInt64Array.of(1n, -2147483649n)],
    ['U64', BigUint64Array.of(1n, 2147483648n)],
    ['U32', Uint32Array.of(1, 2147483648)],
    ['BOOL', Uint8Array.of(1, 2)],
  ])('refuses a %s element that does not fit', async (dtype, stored) => {
    expect(await thrownBy(() => read(dtype, stored, 2))).toMatchObject({
      code: 'AF_SAFETENSORS_DTYPE',
      message: expect.stringContaining('element 1'),
      facts: { tensor: 'x' },
    });
  });

  it('gives only the raw bytes of types it cannot convert', async () => {
    const reader = await openSafetensorsBytes(
      safetensorsBytes({ x: { dtype: 'F4', shape: [4], data_offsets: [0, 2] } }, Uint8Array.of(1, 2)),
      'm',
    );
    expect(await thrownBy(() => reader.read('x'))).toMatchObject({ code: 'AF_SAFETENSORS_DTYPE' });
    expect(await reader.readRaw('x')).toEqual(Uint8Array.of(1, 2));
    expect(await thrownBy(() => reader.readRaw('y'))).toMatchObject({
      code: 'AF_SAFETENSORS_NOT_FOUND',
      facts: { tensor: 'y' },
    });
  });

  it('reads into a given array of the right type and length only', async () => {
    const header = { x: { dtype: 'BF16', shape: [3], data_offsets: [0, 6] } };
    const reader = await openSafetensorsBytes(
      safetensorsBytes(header, new Uint8Array(Uint16Array.of(0x3f80, 0x4000, 0x4040).buffer)),
      'm',
    );
    const target = new Float32Array(5);
    await reader.readInto('x', target.subarray(1, 4));
    expect([...target]).toEqual([0, 1, 2, 3, 0]);
    expect(await thrownBy(() => reader.readInto('x', new Float32Array(2)))).toMatchObject({
      code: 'AF_SAFETENSORS_DTYPE',
    });
    expect(await thrownBy(() => reader.readInto('x', new Int32Array(3)))).toMatchObject({
      code: 'AF_SAFETENSORS_DTYPE',
    });
  });

  it('narrows and widens more than one chunk', async () => {
    const length = (1 << 20) + 3;
    const data = Float32Array.from({ length }, (_, i) => (i % 2048) - 1024);
    const path = join(await scratch(), 'f.safetensors');
    for (const dtype of ['F16', 'BF16', 'F32'] as const) {
      const exact =
        dtype === 'BF16' ? data.map((value) => Math.sign(value) * Math.min(128, Math.abs(value))) : data;
      const writer = await createSafetensorsWriter(path, [{ name: 'x', dtype, shape: [length] }]);
      await writer.write('x', exact);
      expect((await writer.finish()).sha256).toBe(sha256(await readFile(path)));
      const reader = await openSafetensors(path);
      const read = (await reader.read('x')).data;
      expect(read.every((value: number, i: number) => value === exact[i])).toBe(true);
      await reader.close();
    }
  });
});

describe('a plan', () => {
  const open = async (plan: readonly PlannedTensor[]) => {
    const folder = await scratch();
    return { folder, writer: await createSafetensorsWriter(join(folder, 'f.safetensors'), plan) };
  };
  const x: PlannedTensor = { name: 'x', dtype: 'F32', shape: [2] };

  it.each([
    ['is planned twice', [x, { ...x, shape: [3] }]],
    ['impossible shape', [{ ...x, shape: [-1] }]],
    ['impossible shape', [{ ...x, shape: [2 ** 30, 2 ** 30] }]],
    ['reserved name', [{ ...x, name: '__metadata__' }]],
  ])('is refused when a tensor %s', async (reason, plan) => {
    expect(await thrownBy(() => open(plan))).toMatchObject({
      code: 'AF_SAFETENSORS_PLAN',
      message: expect.stringContaining(reason),
    });
  });

  it.each([
    ['not in the plan', 'y', new Float32Array(2)],
    ['needs 8 bytes but was given 4', 'x', new Float32Array(1)],
    ['needs 8 bytes but was given 7', 'x', new Uint8Array(7)],
    ['planned as F32 but was given a Int32Array', 'x', new Int32Array(2)],
  ])('must be kept: %s', async (reason, name, data) => {
    const { writer, folder } = await open([x]);
    expect(await thrownBy(() => writer.write(name, data))).toMatchObject({
      code: 'AF_SAFETENSORS_PLAN',
      message: expect.stringContaining(reason),
    });
    await writer.abort();
    expect(await readdir(folder)).toEqual([]);
  });

  it('must be complete, and each tensor written once', async () => {
    const { writer, folder } = await open([x, { ...x, name: 'y' }]);
    await writer.write('x', new Float32Array(2));
    expect(await thrownBy(() => writer.write('x', new Float32Array(2)))).toMatchObject({
      message: expect.stringContaining('already'),
    });
    expect(await thrownBy(() => writer.finish())).toMatchObject({
      code: 'AF_SAFETENSORS_PLAN',
      facts: { missing: ['y'] },
    });
    await writer.abort();
    expect(await readdir(folder)).toEqual([]);
  });
});
