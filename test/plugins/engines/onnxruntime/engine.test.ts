import * as tf from '@tensorflow/tfjs';
import type { InferenceSession } from 'onnxruntime-node';
import type { ProgramFunction, ProgramSpec } from '../../../../core/contracts/index.js';
import { isForgeError } from '../../../../core/errors/index.js';
import { OnnxEngine } from '../../../../plugins/engines/onnxruntime/engine.js';
import { openEngine, probeEngine } from '../../../../plugins/engines/onnxruntime/open.js';
import { PROVIDERS } from '../../../../plugins/engines/onnxruntime/providers.js';
import { Runtime } from '../../../../plugins/engines/onnxruntime/runtime.js';

const OPTIONS = { executionProvider: 'cpu', graphOptimization: 'all', keepMemory: true, threads: 1 } as const;
const PAIR = { shape: [2], dtype: 'float32' } as const;
const SPEC: ProgramSpec = { name: 'program', inputs: { x: PAIR } };
const double: ProgramFunction = ({ x }) => ({ outputs: { y: tf.mul(x!, 2) } });

/** Counts the sessions it makes and how many of them were given back. */
class CountingRuntime extends Runtime {
  made = 0;
  released = 0;

  override async session(...args: Parameters<Runtime['session']>): Promise<InferenceSession> {
    this.made++;
    const session = await super.session(...args);
    const release = session.release.bind(session);
    session.release = async () => {
      this.released++;
      await release();
    };
    return session;
  }
}

async function countingEngine(): Promise<{ engine: OnnxEngine; runtime: CountingRuntime }> {
  const runtime = new CountingRuntime(await import('onnxruntime-node'), {});
  return { engine: new OnnxEngine(runtime, { name: 'counting', device: 'cpu', version: '0' }), runtime };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('onnxruntime engine', () => {
  test('carries state through a gradient step computed by hand', async () => {
    const engine = await openEngine(OPTIONS);
    const step: ProgramFunction = (inputs, state) => {
      const loss = (w: tf.Tensor): tf.Scalar => tf.sum(tf.square(tf.matMul(inputs['x']!, w)));
      const { value, grads } = tf.valueAndGrads((w: tf.Tensor) => loss(w))([state['w']!]);
      return {
        outputs: { loss: value },
        state: { w: tf.sub(state['w']!, tf.mul(grads[0]!, inputs['lr']!)) },
      };
    };
    const program = await engine.compile(step, {
      name: 'step',
      inputs: { x: { shape: [1, 2], dtype: 'float32' }, lr: { shape: [], dtype: 'float32' } },
      state: { w: { shape: [2, 1], dtype: 'float32' } },
    });
    const state = await engine.createState({
      w: { shape: [2, 1], dtype: 'float32', data: Float32Array.of(1, 2) },
    });
    // x w = 1*1 + 3*2 = 7, loss 49; d loss / d w = 2 * 7 * x = [14, 42]
    const { loss } = await program.run({ x: Float32Array.of(1, 3), lr: Float32Array.of(0.1) }, { state });
    expect(loss!.data[0]).toBeCloseTo(49, 5);
    const { w } = await state.read();
    expect(w!.data[0]).toBeCloseTo(1 - 1.4, 5);
    expect(w!.data[1]).toBeCloseTo(2 - 4.2, 5);
    // Forward 2*2 and the gradient by w 2*2 operations.
    expect(program.info.matmulFlops).toBe(8);
    await engine.dispose();
  });

  test('programs of the same structure share a session, which goes with the last of them', async () => {
    const { engine, runtime } = await countingEngine();
    const first = await engine.compile(double, SPEC);
    const second = await engine.compile(({ x }) => ({ outputs: { y: tf.mul(x!, 2) } }), {
      ...SPEC,
      name: 'other',
    });
    const third = await engine.compile(({ x }) => ({ outputs: { y: tf.mul(x!, 3) } }), SPEC);
    expect(runtime.made).toBe(2);
    await first.dispose();
    expect(runtime.released).toBe(0);
    const { y } = await second.run({ x: Float32Array.of(1, 2) });
    expect([...y!.data]).toEqual([2, 4]);
    await second.dispose();
    await third.dispose();
    expect(runtime.released).toBe(2);
  });

  test('a program that is disposed of twice gives back its own share only', async () => {
    const { engine, runtime } = await countingEngine();
    const [first, second] = [await engine.compile(double, SPEC), await engine.compile(double, SPEC)];
    await first.dispose();
    await first.dispose();
    expect(runtime.released).toBe(0);
    expect([...(await second.run({ x: Float32Array.of(1, 2) }))['y']!.data]).toEqual([2, 4]);
    await second.dispose();
    expect(runtime.released).toBe(1);
    await engine.dispose();
  });

  test('a constant of both zeros keeps their signs', async () => {
    const { engine } = await countingEngine();
    const program = await engine.compile(
      ({ x }) => ({ outputs: { y: tf.div(x!, tf.tensor1d([0, -0])) } }),
      SPEC,
    );
    const { y } = await program.run({ x: Float32Array.of(1, 1) });
    expect([...y!.data]).toEqual([Infinity, -Infinity]);
    await engine.dispose();
  });

  test('compiles and runs in any interleaving', async () => {
    const { engine } = await countingEngine();
    const programs = await Promise.all(
      [1, 2, 3].map((k) => engine.compile(({ x }) => ({ outputs: { y: tf.mul(x!, k) } }), SPEC)),
    );
    const results = await Promise.all(programs.map((program) => program.run({ x: Float32Array.of(1, 10) })));
    expect(results.map(({ y }) => [...y!.data])).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
    await engine.dispose();
  });

  test('runs on one state take turns', async () => {
    const { engine } = await countingEngine();
    const spec: ProgramSpec = { name: 'count', inputs: {}, state: { n: { shape: [], dtype: 'float32' } } };
    const program = await engine.compile(
      (_, { n }) => ({ outputs: { n: n! }, state: { n: tf.add(n!, 1) } }),
      spec,
    );
    const state = await engine.createState({ n: { shape: [], dtype: 'float32', data: Float32Array.of(0) } });
    const counts = await Promise.all([0, 1, 2, 3].map(() => program.run({}, { state })));
    expect(counts.map(({ n }) => n!.data[0])).toEqual([0, 1, 2, 3]);
    await engine.dispose();
  });

  test('reading a value while a function is compiled is an error that says so', async () => {
    const { engine } = await countingEngine();
    const error = await failure(
      engine.compile(({ x }) => ({ outputs: { y: tf.scalar(x!.dataSync()[0]!) } }), SPEC),
    );
    expect(isForgeError(error, 'AF_ENGINE_VALUE_READ')).toBe(true);
    expect(isForgeError(error) && error.fix).toContain('output');
    await engine.dispose();
  });

  test('an unknown kernel is named with the place that called it', async () => {
    const { engine } = await countingEngine();
    const error = await failure(
      engine.compile(({ x }) => ({ outputs: { y: tf.multinomial(x as tf.Tensor1D, 4) } }), SPEC),
    );
    expect(isForgeError(error, 'AF_ENGINE_UNSUPPORTED_KERNEL')).toBe(true);
    expect(isForgeError(error) && [error.facts['kernel'], error.at]).toEqual([
      'Multinomial',
      expect.stringMatching(/engine\.test\.ts:\d+:\d+$/),
    ]);
    await engine.dispose();
  });

  test('a mistake in a function keeps its cause and its place', async () => {
    const { engine } = await countingEngine();
    const error = await failure(
      engine.compile(({ x }) => ({ outputs: { y: tf.matMul(x!, tf.zeros([3, 3])) } }), SPEC),
    );
    expect(isForgeError(error, 'AF_ENGINE_FUNCTION')).toBe(true);
    expect(isForgeError(error) && error.cause).toBeInstanceOf(Error);
    expect(isForgeError(error) && error.at).toMatch(/engine\.test\.ts/);
    await engine.dispose();
  });

  test('a state of another engine is refused', async () => {
    const { engine } = await countingEngine();
    const { openEngine: openEager } = await import('../../../../plugins/engines/tfjs/open.js');
    const eager = await openEager('cpu');
    const state = await eager.createState({ w: { ...PAIR, data: new Float32Array(2) } });
    const program = await engine.compile((_, { w }) => ({ outputs: { w: w! } }), {
      name: 'read',
      inputs: {},
      state: { w: PAIR },
    });
    expect(isForgeError(await failure(program.run({}, { state })), 'AF_ENGINE_INPUT')).toBe(true);
    await eager.dispose();
    await engine.dispose();
  });

  test('positions that do not exist are named before the run', async () => {
    const { engine } = await countingEngine();
    const ids = { shape: [2, 2], dtype: 'int32' } as const;
    const pick: ProgramFunction = ({ x, at }) => ({
      outputs: { y: tf.gather(x!, tf.reshape(at!, [4]) as tf.Tensor1D) },
    });
    const program = await engine.compile(pick, { name: 'pick', inputs: { x: PAIR, at: ids } });
    const x = Float32Array.of(1, 2);
    const wrong = await failure(program.run({ x, at: Int32Array.of(0, 1, 2, -1) }));
    expect(isForgeError(wrong, 'AF_ENGINE_INPUT') && wrong.problems).toEqual([
      { at: 'at[2]', message: 'is out of range', expected: '0 to 1', found: '2' },
    ]);
    const negative = await failure(program.run({ x, at: Int32Array.of(0, -1, 1, 1) }));
    expect(isForgeError(negative) && negative.problems[0]).toMatchObject({ at: 'at[1]', found: '-1' });
    const { y } = await program.run({ x, at: Int32Array.of(1, 0, 0, 1) });
    expect([...y!.data]).toEqual([2, 1, 1, 2]);
    await engine.dispose();
  });

  test('counts copies where host and device are two', async () => {
    const runtime = new CountingRuntime(await import('onnxruntime-node'), {});
    // The graphs of cuda on the CPU: carried tensors lie on the host and would cross in every run.
    const engine = new OnnxEngine(runtime, { name: 'counting', device: 'cpu', version: '0' }, PROVIDERS.cuda);
    const program = await engine.compile(
      ({ x }, { w }) => ({ outputs: { sum: tf.sum(w!) }, state: { w: tf.add(w!, x!) } }),
      { ...SPEC, state: { w: PAIR } },
    );
    const state = await engine.createState({ w: { ...PAIR, data: Float32Array.of(1, 2) } });
    expect(engine.copied).toEqual({ toDevice: 0, toHost: 0 });
    await program.run({ x: Float32Array.of(1, 1) }, { state });
    expect(engine.copied).toEqual({ toDevice: 16, toHost: 12 });
    await engine.dispose();
    expect((await countingEngine()).engine.copied).toBeUndefined();
  });

  test('says what it is, and what an execution provider needs that is not there', async () => {
    expect(await probeEngine(OPTIONS)).toEqual({
      available: true,
      detail: expect.stringMatching(/^onnxruntime-node \d+\.\d+\.\d+, cpu \(1 threads\)$/),
    });
    const cuda = await probeEngine({ ...OPTIONS, executionProvider: 'cuda' });
    if (!cuda.available) expect(cuda.detail).toMatch(/cannot use cuda here.*cuda12/);
  });
});
