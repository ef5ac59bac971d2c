import { over, UNDECAYED, type Arm, type Decay } from '../../../bench/grokfast/arms.js';
import { mlp } from '../../../bench/grokfast/mlp.js';
import { accuracySource, startingState, updateSource } from '../../../bench/grokfast/programs.js';
import { additionTask, rowsOf } from '../../../bench/grokfast/task.js';
import { startOf } from '../../../bench/grokfast/toy.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { describeOnEngines } from '../../support/engines.js';

const toy = mlp({ prime: 5, embedding: 6, hidden: 8 });
const weights = startOf(toy, 1);
const { sums, trained } = additionTask(5, 1);
const RATE = 1e-3;
const L2: Decay = { kind: 'l2', amount: 0.1 };
const DECOUPLED: Decay = { kind: 'decoupled', amount: 0.5 };
const arm = (name: Parameters<typeof over>[0], decay: Decay): Arm => over(name, [decay])[0]!;
const { A, C } = UNDECAYED;

describeOnEngines('updates of the toy', (_compute, engine) => {
  /** The state after one update. */
  async function after(chosen: Arm): Promise<TensorDict> {
    const start = startingState(toy, chosen, weights);
    const { fn, spec } = updateSource(toy, chosen, trained, start);
    const program = await engine().compile(fn, spec);
    const state = await engine().createState(start);
    const batch = rowsOf(
      sums,
      Array.from({ length: trained }, (_, i) => i),
    );
    await program.run({ ...batch, step: Float32Array.of(1), rate: Float32Array.of(RATE) }, { state });
    const values = await state.read();
    await state.dispose();
    await program.dispose();
    return values;
  }
  const values = (state: TensorDict, name: string): number[] => [...state[name]!.data];
  const weight = (name: string): number[] => [...weights[name]!.data];
  const near = (found: readonly number[], expected: readonly number[], digits = 7): void =>
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));

  test('L2 is added behind the filter: a gradient becomes 1 + lambda times as large, its decay does not', async () => {
    const [plain, low, high] = [await after(A), await after(arm('D', L2)), await after(arm('E', L2))];
    for (const name of ['table', 'first.weight', 'second.bias']) {
      // Adam's first moment is a tenth of what it is given.
      const gradient = values(plain, `opt/${name}/first`).map((moment) => 10 * moment);
      const decayed = (factor: number) =>
        gradient.map((g, i) => 0.1 * (factor * g + L2.amount * weight(name)[i]!));
      near(values(low, `opt/${name}/first`), decayed(3));
      // At the first update the average is the gradient, and their difference nothing.
      near(values(high, `opt/${name}/first`), decayed(1));
      near(values(low, `opt/${name}/slow`), gradient);
    }
  });

  test('decoupled decay leaves the moments alone', async () => {
    const [plain, decayed] = [await after(A), await after(arm('B', DECOUPLED))];
    const name = 'first.weight';
    expect(values(decayed, `opt/${name}/first`)).toEqual(values(plain, `opt/${name}/first`));
    const shift = weight(name).map((value) => value * RATE * DECOUPLED.amount);
    near(
      values(decayed, `param/${name}`),
      values(plain, `param/${name}`).map((value, i) => value - shift[i]!),
    );
  });

  test('Muon takes the hidden matrices and nothing else', async () => {
    const state = await after(arm('G', L2));
    const carried = (part: string) =>
      Object.keys(state)
        .filter((name) => name.startsWith('opt/') && name.endsWith(`/${part}`))
        .map((name) => name.slice('opt/'.length, -part.length - 1));
    expect(carried('momentum')).toEqual(['first.weight', 'second.weight']);
    expect(carried('first')).toEqual(['table', 'first.bias', 'second.bias', 'head.weight', 'head.bias']);
    expect(carried('slow').length).toBe(7);
    // 0.2 sqrt(max(m, n)) times an orthogonal matrix: its mean square is 0.04, that of Adam's updates.
    const moved = values(state, 'param/second.weight').map(
      (value, i) => (value - weight('second.weight')[i]!) / RATE,
    );
    const size = Math.sqrt(moved.reduce((sum, value) => sum + value ** 2, 0) / moved.length);
    expect(size).toBeGreaterThan(0.12);
    expect(size).toBeLessThan(0.25);
  });

  test('ternary layers: latents learn while the answers are those of their codes', async () => {
    const ternary = arm('H none', L2);
    const accuracies = async (chosen: Arm, from: TensorDict): Promise<unknown> => {
      const start = startingState(toy, chosen, from);
      const { fn, spec } = accuracySource(toy, chosen, 25, trained, start);
      const program = await engine().compile(fn, spec);
      const state = await engine().createState(start);
      const { train, validation } = await program.run({ ...sums }, { state });
      return [train!.data[0], validation!.data[0]];
    };
    // Weights a tenth of a code's width beside each other are one code.
    const rounded = Object.fromEntries(
      Object.entries(weights).map(([name, tensor]) => {
        if (!toy.tensors[name]!.hidden) return [name, tensor];
        const mean = [...tensor.data].reduce((sum, value) => sum + Math.abs(value), 0) / tensor.data.length;
        const code = (value: number): number => Math.max(-1, Math.min(1, Math.round(value / mean)));
        return [name, { ...tensor, data: Float32Array.from(tensor.data, (value) => mean * code(value)) }];
      }),
    );
    expect(await accuracies(ternary, weights)).toEqual(await accuracies(A, rounded));
    const state = await after(ternary);
    for (const name of ['first.weight', 'second.weight'])
      expect(values(state, `opt/${name}/first`).filter((moment) => moment !== 0).length).toBeGreaterThan(30);
  });

  test('the filter alone changes nothing at the first update but the size of the gradient', async () => {
    const [plain, filtered] = [await after(A), await after(C)];
    near(
      values(filtered, 'opt/table/first'),
      values(plain, 'opt/table/first').map((moment) => 3 * moment),
    );
  });
});
