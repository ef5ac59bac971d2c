import type { Engine, Program, ProgramFunction, ProgramSpec } from '../../../core/contracts/engine.js';
import type { HostTensor, TensorDict } from '../../../core/contracts/tensor.js';
import { isForgeError } from '../../../core/errors/index.js';
import { fillBernoulli, fillNormal, fillUniform, streamKey } from '../../../nn/random/index.js';
import { expectClose, expectEqual, expectFailure, expectThat } from '../../expect.js';
import type { Tfjs } from './operator-case.js';

/** What an engine must do besides computing: carry state, draw numbers, refuse what is wrong. */
export type LifecycleCase = (engine: Engine, tf: Tfjs) => Promise<void>;

const vector = (...values: number[]): HostTensor => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});

const PAIR = { shape: [2], dtype: 'float32' } as const;

/** w <- w + by, and the old sum of w. */
const accumulator: { fn: (tf: Tfjs) => ProgramFunction; spec: ProgramSpec } = {
  fn: (tf) => (inputs, state) => ({
    outputs: { before: tf.sum(state['w']!) },
    state: { w: tf.add(state['w']!, inputs['by']!) },
  }),
  spec: { name: 'accumulator', inputs: { by: PAIR }, state: { w: PAIR } },
};

/** Swaps two carried tensors and reads a third. */
const swap: { fn: (tf: Tfjs) => ProgramFunction; spec: ProgramSpec } = {
  fn: (tf) => (_, state) => ({
    outputs: { sum: tf.add(state['a']!, state['w']!) },
    state: { a: state['b']!, b: state['a']! },
  }),
  spec: { name: 'swap', inputs: {}, state: { a: PAIR, b: PAIR, w: PAIR } },
};

async function withProgram(
  engine: Engine,
  fn: ProgramFunction,
  spec: ProgramSpec,
  use: (program: Program) => Promise<void>,
): Promise<void> {
  const program = await engine.compile(fn, spec);
  try {
    await use(program);
  } finally {
    await program.dispose();
  }
}

async function carriesState(engine: Engine, tf: Tfjs): Promise<void> {
  const state = await engine.createState({ a: vector(5, 6), b: vector(7, 8), w: vector(1, 2) });
  await withProgram(engine, accumulator.fn(tf), accumulator.spec, async (add) => {
    await withProgram(engine, swap.fn(tf), swap.spec, async (exchange) => {
      for (const before of [3, 14, 25]) {
        const found = await add.run({ by: Float32Array.of(10, 1) }, { state });
        expectClose(found['before']!.data, [before], 0, 'sum before the update');
      }
      const { sum } = await exchange.run({}, { state });
      expectClose(sum!.data, [36, 11], 0, 'a + w');
    });
  });
  expectEqual(numbersOf(await state.read()), { a: [7, 8], b: [5, 6], w: [31, 5] }, 'state');
  expectEqual(Object.keys(await state.read(['w', 'a'])), ['w', 'a'], 'names read');
  await state.write({ w: vector(-1, -2) });
  expectEqual(numbersOf(await state.read(['w'])), { w: [-1, -2] }, 'state written');
  await state.dispose();
}

/** x <- next x, for a scalar, a matrix of whole numbers and truth values. */
async function carriesEveryType(engine: Engine, tf: Tfjs): Promise<void> {
  const start: TensorDict = {
    count: { shape: [], dtype: 'float32', data: Float32Array.of(0.5) },
    whole: { shape: [2, 2], dtype: 'int32', data: Int32Array.of(1, -2, 2 ** 30, 0) },
    flags: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  };
  const specs = Object.fromEntries(
    Object.entries(start).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
  const fn: ProgramFunction = (_, { count, whole, flags }) => ({
    outputs: { kept: tf.sum(tf.cast(flags!, 'float32')) },
    state: {
      count: tf.add(count!, 1),
      whole: tf.sub(whole!, tf.scalar(1, 'int32')),
      flags: tf.logicalNot(flags!),
    },
  });
  const state = await engine.createState(start);
  await withProgram(engine, fn, { name: 'types', inputs: {}, state: specs }, async (program) => {
    for (const kept of [2, 1, 2])
      expectClose((await program.run({}, { state }))['kept']!.data, [kept], 0, 'flags that were set');
  });
  const changed = { count: [3.5], whole: [-2, -5, 2 ** 30 - 3, -3], flags: [0, 1, 0] };
  expectEqual(numbersOf(await state.read()), changed, 'state after three runs');
  await state.write({ flags: start['flags']! });
  expectEqual(numbersOf(await state.read(['flags'])), { flags: [1, 0, 1] }, 'flags written');
  await state.dispose();
}

async function copiesItsData(engine: Engine, tf: Tfjs): Promise<void> {
  const mine = vector(1, 2);
  const state = await engine.createState({ w: mine });
  mine.data.fill(9);
  const read = await state.read();
  read['w']!.data.fill(9);
  expectEqual(numbersOf(await state.read()), { w: [1, 2] }, 'state after its sources changed');
  await withProgram(engine, accumulator.fn(tf), accumulator.spec, async (program) => {
    const first = await program.run({ by: Float32Array.of(1, 1) }, { state });
    await program.run({ by: Float32Array.of(1, 1) }, { state });
    expectClose(first['before']!.data, [3], 0, 'an output after a later run');
  });
  await state.dispose();
}

async function keepsStateWhenARunFails(engine: Engine, tf: Tfjs): Promise<void> {
  const state = await engine.createState({ w: vector(1, 2, 3) });
  const spec: ProgramSpec = {
    name: 'pick',
    inputs: { at: { shape: [1], dtype: 'int32' } },
    state: { w: { shape: [3], dtype: 'float32' } },
  };
  const fn: ProgramFunction = (inputs, { w }) => {
    const picked = tf.gather(w!, inputs['at'] as never);
    return { outputs: { picked }, state: { w: tf.add(w!, picked) } };
  };
  await withProgram(engine, fn, spec, async (program) => {
    await expectFailure(() => program.run({ at: Int32Array.of(99) }, { state }), 'an index out of range');
    expectEqual(numbersOf(await state.read()), { w: [1, 2, 3] }, 'state after the failure');
    await program.run({ at: Int32Array.of(1) }, { state });
    expectEqual(numbersOf(await state.read()), { w: [3, 4, 5] }, 'state after a good run');
  });
  await state.dispose();
}

async function drawsTheSameNumbers(engine: Engine, tf: Tfjs): Promise<void> {
  const shape = [3, 50];
  const fn: ProgramFunction = (_, __, context) => ({
    outputs: {
      mask: tf.mul(context.bernoulli(shape, 0.8), 2),
      uniform: context.uniform(shape),
      normal: tf.neg(context.normal(shape)),
      again: context.bernoulli(shape, 0.8),
    },
  });
  await withProgram(engine, fn, { name: 'draws', inputs: {} }, async (program) => {
    for (const counter of [1, 2]) {
      const found = await program.run({}, { random: { seed: 11, stream: 'dropout', counter } });
      const key = (call: number) => streamKey(11, 'dropout', counter, call);
      const expected = Array.from({ length: 4 }, () => new Float32Array(150));
      fillBernoulli(key(0), expected[0]!, 0.8);
      fillUniform(key(1), expected[1]!);
      fillNormal(key(2), expected[2]!);
      fillBernoulli(key(3), expected[3]!, 0.8);
      expectClose(
        found['mask']!.data,
        expected[0]!.map((bit) => 2 * bit),
        0,
        'first mask',
      );
      expectClose(found['uniform']!.data, expected[1]!, 0, 'uniform numbers');
      expectClose(
        found['normal']!.data,
        expected[2]!.map((x) => -x),
        0,
        'normal numbers',
      );
      expectClose(found['again']!.data, expected[3]!, 0, 'second mask');
    }
    await expectFailure(() => program.run({}), 'a draw without a key', 'AF_ENGINE_INPUT');
  });
}

async function repeatsToTheBit(engine: Engine, tf: Tfjs): Promise<void> {
  const shape = { shape: [96, 96], dtype: 'float32' } as const;
  const data = Float32Array.from({ length: 96 * 96 }, (_, i) => Math.sin(i * 1.37));
  const fn: ProgramFunction = ({ x }) => ({
    outputs: { y: tf.softmax(tf.matMul(x!, x!)), s: tf.sum(tf.exp(x!)) },
  });
  const runs: TensorDict[] = [];
  for (let i = 0; i < 2; i++)
    await withProgram(engine, fn, { name: 'twice', inputs: { x: shape } }, async (program) => {
      runs.push(await program.run({ x: data }), await program.run({ x: data }));
    });
  for (const run of runs) {
    expectClose(run['y']!.data, runs[0]!['y']!.data, 0, 'the same run again');
    expectClose(run['s']!.data, runs[0]!['s']!.data, 0, 'the same sum again');
  }
}

async function refusesWrongInputs(engine: Engine, tf: Tfjs): Promise<void> {
  await withProgram(engine, accumulator.fn(tf), accumulator.spec, async (program) => {
    const state = await engine.createState({ w: vector(1, 2) });
    const other = await engine.createState({ w: vector(1, 2, 3) });
    const by = Float32Array.of(1, 1);
    const refused = (what: string, call: () => Promise<unknown>): Promise<unknown> =>
      expectFailure(call, what, 'AF_ENGINE_INPUT');
    await refused('a missing input', () => program.run({}, { state }));
    await refused('an unknown input', () => program.run({ by, extra: by }, { state }));
    await refused('a short input', () => program.run({ by: Float32Array.of(1) }, { state }));
    await refused('an input of another type', () => program.run({ by: Int32Array.of(1, 1) }, { state }));
    await refused('a missing state', () => program.run({ by }));
    await refused('a state of another shape', () => program.run({ by }, { state: other }));
    await refused('an unknown name', () => state.read(['nobody']));
    await refused('an unknown tensor', () => state.write({ nobody: vector(1) }));
    await refused('a tensor of another shape', () => state.write({ w: vector(1) }));
    expectEqual(numbersOf(await state.read()), { w: [1, 2] }, 'state after the refusals');
    await state.dispose();
    await other.dispose();
  });
}

async function refusesWrongFunctions(engine: Engine, tf: Tfjs): Promise<void> {
  const state = await engine.createState({ w: vector(1, 2) });
  const attempt = async (fn: ProgramFunction): Promise<void> =>
    withProgram(engine, fn, accumulator.spec, async (program) => {
      await program.run({ by: Float32Array.of(1, 1) }, { state });
    });
  const wrong = (what: string, fn: ProgramFunction): Promise<unknown> =>
    expectFailure(() => attempt(fn), what, 'AF_ENGINE_FUNCTION');
  await wrong('a function that throws', () => {
    throw new Error('my mistake');
  });
  await wrong('a sum of shapes that do not go together', ({ by }) => ({
    outputs: { y: tf.add(by!, tf.ones([3])) },
  }));
  await wrong('a product of matrices that do not fit', ({ by }) => ({
    outputs: { y: tf.matMul(tf.reshape(by!, [1, 2]), tf.ones([3, 3])) },
  }));
  await wrong('a reshape to another size', ({ by }) => ({ outputs: { y: tf.reshape(by!, [3]) } }));
  await wrong('a concatenation of unlike shapes', ({ by }) => ({
    outputs: { y: tf.concat([tf.reshape(by!, [1, 2]), tf.ones([1, 3])], 0) },
  }));
  await wrong('an uneven split', ({ by }) => ({
    outputs: { y: tf.split(tf.concat([by!, tf.ones([3])]), 2)[0]! },
  }));
  await wrong('a tensor of another shape', () => ({ outputs: {}, state: { w: tf.zeros([3]) } }));
  await wrong('a tensor that is not carried', () => ({ outputs: {}, state: { v: tf.zeros([2]) } }));
  const thrown = await expectFailure(
    () => attempt(({ by }) => ({ outputs: { y: tf.engine().runKernel('NoSuchKernel', { x: by! }) } })),
    'a kernel that nobody has',
    'AF_ENGINE_UNSUPPORTED_KERNEL',
  );
  expectThat(isForgeError(thrown) && thrown.facts['kernel'] === 'NoSuchKernel', 'the error names the kernel');
  expectEqual(numbersOf(await state.read()), { w: [1, 2] }, 'state after the failures');
  await state.dispose();
}

async function leavesTfjsAsItWas(engine: Engine, tf: Tfjs): Promise<void> {
  await tf.ready();
  const backend = tf.getBackend();
  const outside = tf.tensor1d([10, 20]);
  const before = tf.memory().numTensors;
  const { spec } = accumulator;
  const fn: ProgramFunction = ({ by }, { w }) => {
    const loss = (v: unknown) => tf.sum(tf.mul(tf.square(v as never), tf.add(by!, outside)));
    const { value, grads } = tf.valueAndGrads(loss as never)([w!]);
    return { outputs: { value }, state: { w: tf.sub(w!, grads[0]!) } };
  };
  const state = await engine.createState({ w: vector(1, 2) });
  const held = tf.memory().numTensors;
  await withProgram(engine, fn, spec, async (program) => {
    for (let i = 0; i < 3; i++) await program.run({ by: Float32Array.of(1, 1) }, { state });
    expectEqual(tf.memory().numTensors, held, 'tensors after three runs');
  });
  await expectFailure(
    () =>
      withProgram(engine, breaksOff(tf), spec, async (program) => {
        await program.run({ by: Float32Array.of(1, 1) }, { state });
      }),
    'a gradient that is broken off',
  );
  await state.dispose();
  expectEqual([tf.memory().numTensors, tf.getBackend()], [before, backend], 'tfjs afterwards');
  expectClose(outside.dataSync(), [10, 20], 0, 'a tensor of the outer scope');
  outside.dispose();
}

function breaksOff(tf: Tfjs): ProgramFunction {
  return ({ by }) => ({
    outputs: {
      g: tf.grad((x) => {
        tf.exp(tf.square(x));
        throw new Error('broken off');
      })(by!),
    },
  });
}

function numbersOf(tensors: TensorDict): Record<string, number[]> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));
}

export const lifecycleCases: Readonly<Record<string, LifecycleCase>> = {
  'carries named state between programs': carriesState,
  'carries numbers, whole numbers and truth values': carriesEveryType,
  'keeps no reference to arrays it is given or gives': copiesItsData,
  'leaves the state alone when a run fails': keepsStateWhenARunFails,
  'draws the numbers that the key names': drawsTheSameNumbers,
  'gives the same bits for the same inputs': repeatsToTheBit,
  'refuses inputs and states that do not fit': refusesWrongInputs,
  'explains functions that cannot be compiled': refusesWrongFunctions,
  'leaves tfjs as it was': leavesTfjsAsItWas,
};
