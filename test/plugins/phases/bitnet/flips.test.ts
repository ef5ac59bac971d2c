import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import { COMPRESSOR, type Compressor } from '../../../../core/contracts/compressor.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { LOOP_START, type Trainer } from '../../../../nn/training/index.js';
import { ternary } from '../../../../plugins/index.js';
import { codesTold } from '../../../../plugins/phases/bitnet/codes-told.js';
import { codeFacts, FlipWatch } from '../../../../plugins/phases/shared/quantized/flips.js';
import { implementationOf } from '../../../../testing/index.js';

const described = (name: string, shape: readonly number[]): TensorDescription => ({
  ...{ name, shape, role: 'ffn-up', linear: true, init: { kind: 'constant', value: 0 } },
});
const TENSORS = [described('wide', [2, 2]), described('small', [1, 2])];

/** Latents by update; mean |wide| is 0.525 in all of them: codes 1 -1 0 0, then 1 0 -1 0, then 0 0 -1 1. */
const WEIGHTS: Readonly<Record<number, readonly [number[], number[]]>> = {
  2: [[1, -1, 0.1, 0], [1, -1]], // prettier-ignore
  4: [[1, 0.1, -1, 0], [1, -1]], // prettier-ignore
  6: [[0.1, 0, -1, 1], [1, 1]], // prettier-ignore
};

describe('codes that flip', () => {
  let compressor: Compressor;
  beforeAll(async () => void (compressor = await implementationOf(COMPRESSOR, ternary())));

  function watch(every = 2) {
    let step = 0;
    const told: [string, unknown, unknown, unknown][] = [];
    const asked: number[] = [];
    const trainer = {
      weights: (group: string): Promise<TensorDict> => {
        expect(group).toBe('param');
        asked.push(step);
        const [wide, small] = WEIGHTS[step]!;
        const tensor = (shape: number[], data: number[]) => ({
          shape,
          dtype: 'float32' as const,
          data: Float32Array.from(data),
        });
        return Promise.resolve({ wide: tensor([2, 2], wide), small: tensor([1, 2], small) });
      },
    } as unknown as Trainer;
    const ctx = {
      metric: (name: string, value: unknown, reading?: { step?: number; labels?: object }) =>
        void told.push([name, value, reading?.step, reading?.labels]),
    };
    const made = new FlipWatch(
      codesTold(ctx),
      TENSORS.map((tensor) => ({ tensor, compressor })),
      trainer,
      every,
    );
    const goTo = async (at: number) => {
      step = at;
      const progress = { ...LOOP_START, step: at };
      expect(await made.after(progress)).toBe(progress);
    };
    return { watch: made, goTo, told, asked };
  }

  const rates = (told: readonly (readonly unknown[])[]) =>
    told.flatMap(([name, value, step]) => (name === 'recovery/flip_rate' ? [[step, value]] : []));

  it('are counted over all matrices, from the second count on, by hand', async () => {
    const { watch: made, goTo, told, asked } = watch();
    for (const step of [1, 2, 3, 4, 5, 6]) await goTo(step);
    expect(asked).toEqual([2, 4, 6]);
    // Of six codes two, then three: 1 became 0, 0 became 1, and -1 became 1.
    expect(rates(told)).toEqual([
      [4, 2 / 6],
      [6, 3 / 6],
    ]);
    expect(made.counted).toEqual([
      { step: 4, rate: 2 / 6 },
      { step: 6, rate: 3 / 6 },
    ]);
  });

  it('are told with zeros and scale of each matrix', async () => {
    const { goTo, told } = watch();
    await goTo(2);
    expect(told).toEqual([
      ['recovery/zeros', 0.5, 2, { tensor: 'wide' }],
      ['recovery/scale', expect.closeTo(0.525, 6), 2, { tensor: 'wide' }],
      ['recovery/zeros', 0, 2, { tensor: 'small' }],
      ['recovery/scale', 1, 2, { tensor: 'small' }],
    ]);
  });

  it('are known after a resume: the same is counted as by one that never stopped', async () => {
    const whole = watch();
    for (const step of [2, 4, 6]) await whole.goTo(step);
    const first = watch();
    await first.goTo(2);
    await first.goTo(4);
    const second = watch();
    // Through a file.
    second.watch.restore(JSON.parse(JSON.stringify(first.watch.state())), first.watch.tensors());
    await second.goTo(6);
    expect([...rates(first.told), ...rates(second.told)]).toEqual(rates(whole.told));
  });

  it('are none where nothing is ternary', async () => {
    const told: unknown[] = [];
    const trainer = { weights: () => Promise.resolve({}) } as unknown as Trainer;
    const made = new FlipWatch(
      (count) => void told.push(...count.matrices, count.flipRate ?? []),
      [],
      trainer,
      1,
    );
    await made.after({ ...LOOP_START, step: 1 });
    await made.after({ ...LOOP_START, step: 2 });
    expect([told.flat(), made.counted]).toEqual([[], []]);
  });
});

test('facts of codes: rows with scales of their own have the mean of them', () => {
  expect(codeFacts(Float32Array.from([0.5, 0, -0.5, 2, -2, 0]))).toEqual({ zeros: 1 / 3, scale: 1.25 });
  expect(codeFacts(new Float32Array(2))).toEqual({ zeros: 1, scale: 0 });
});
