import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  createSafetensorsWriter,
  createUnhashedWriter,
  openModelTensors,
  openSafetensors,
  type StoredDtype,
} from '../../../storage/safetensors/index.js';

const folder = mkdtempSync(join(tmpdir(), 'agentforge-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const numbers = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i)));

test('a tensor appended in parts is the tensor written whole, and read in parts it is the tensor read whole', async () => {
  const dtypes = fc.constantFrom<StoredDtype>('F32', 'F16', 'BF16');
  const cuts = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 5 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(dtypes, cuts, async (dtype, places) => {
      const data = numbers(50);
      const plan = [{ name: 'x', dtype, shape: [50] }];
      const [whole, parted] = [join(folder, `whole-${++run}`), join(folder, `parts-${run}`)];
      const first = await createSafetensorsWriter(whole, plan);
      await first.write('x', data);
      const written = await first.finish();
      const second = await createSafetensorsWriter(parted, plan);
      const ends = [...places.sort((a, b) => a - b), 50];
      for (const [i, end] of ends.entries()) await second.append('x', data.subarray(ends[i - 1] ?? 0, end));
      expect(await second.finish()).toEqual(written);
      expect(readFileSync(parted)).toEqual(readFileSync(whole));
      const reader = await openSafetensors(parted);
      const all = (await reader.read('x')).data;
      for (const [i, end] of ends.entries()) {
        const start = ends[i - 1] ?? 0;
        const part = new Float32Array(end - start);
        await reader.readInto('x', part, start);
        expect(part).toEqual(all.slice(start, end));
      }
      await reader.close();
    }),
    { numRuns: 25 },
  );
});

test('too much, too little and past the end are refused', async () => {
  const path = join(folder, 'refused');
  const writer = await createSafetensorsWriter(path, [{ name: 'x', dtype: 'F32', shape: [4] }]);
  await writer.append('x', numbers(3));
  await expect(writer.finish()).rejects.toMatchObject({ code: 'AF_SAFETENSORS_PLAN' });
  await expect(writer.append('x', numbers(2))).rejects.toMatchObject({ code: 'AF_SAFETENSORS_PLAN' });
  await expect(writer.write('x', numbers(4))).rejects.toMatchObject({ code: 'AF_SAFETENSORS_PLAN' });
  await writer.append('x', numbers(1));
  await writer.finish();
  const reader = await openSafetensors(path);
  await expect(reader.readInto('x', numbers(3), 2)).rejects.toMatchObject({ code: 'AF_SAFETENSORS_DTYPE' });
  await expect(reader.readInto('x', numbers(3))).rejects.toMatchObject({ code: 'AF_SAFETENSORS_DTYPE' });
  await reader.close();
});

test('large tensors are narrowed and widened in chunks', async () => {
  const path = join(folder, 'large');
  const data = numbers(1_200_001);
  for (const dtype of ['F16', 'BF16'] as const) {
    const writer = await createSafetensorsWriter(path, [{ name: 'x', dtype, shape: [data.length] }]);
    await writer.write('x', data);
    await writer.finish();
    const reader = await openSafetensors(path);
    const found = (await reader.read('x')).data;
    await reader.close();
    const step = dtype === 'F16' ? 2 ** -11 : 2 ** -8;
    expect(
      data.findIndex((value, i) => Math.abs(value - found[i]!) > step * Math.max(Math.abs(value), 1e-4)),
    ).toBe(-1);
  }
});

test('unhashed it is the same file', async () => {
  const plan = [{ name: 'x', dtype: 'F32', shape: [2] }] as const;
  const [hashed, unhashed] = [join(folder, 'hashed'), join(folder, 'unhashed')];
  const first = await createSafetensorsWriter(hashed, plan);
  const second = await createUnhashedWriter(unhashed, plan);
  for (const writer of [first, second]) await writer.write('x', numbers(2));
  const { bytes } = await first.finish();
  expect(await second.finish()).toEqual({ bytes });
  expect(readFileSync(unhashed)).toEqual(readFileSync(hashed));
});

test('a file of more than 64 MiB is flushed on its way and whole at the end', async () => {
  const path = join(folder, 'flushed');
  const data = numbers(1 << 20);
  const plan = Array.from({ length: 20 }, (_, i) => ({
    name: `${i}`,
    dtype: 'F32' as const,
    shape: [data.length],
  }));
  const writer = await createUnhashedWriter(path, plan);
  for (const name of writer.order) await writer.write(name, data);
  const { bytes } = await writer.finish();
  const reader = await openSafetensors(path);
  const last = new Float32Array(3);
  await reader.readInto('9', last, data.length - 3);
  await reader.close();
  expect(last).toEqual(data.slice(-3));
  expect(bytes).toBeGreaterThan(80 << 20);
  rmSync(path);
});

test('a model knows its files and which of them holds a tensor', async () => {
  const path = join(folder, 'model', 'model.safetensors');
  const writer = await createSafetensorsWriter(path, [{ name: 'x', dtype: 'F32', shape: [2] }]);
  await writer.write('x', numbers(2));
  await writer.finish();
  const tensors = await openModelTensors(join(folder, 'model'));
  expect({
    files: tensors.files,
    file: tensors.file('x'),
    has: [tensors.has('x'), tensors.has('y')],
  }).toEqual({
    files: [path],
    file: path,
    has: [true, false],
  });
  const part = new Float32Array(1);
  await tensors.readInto('x', part, 1);
  expect(part[0]).toBeCloseTo(Math.sin(1), 6);
  await tensors.close();
});
