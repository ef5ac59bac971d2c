import * as tf from '@tensorflow/tfjs';
import type { Engine, ProgramFunction, ProgramSpec } from '../../../../contracts/index.js';
import { openEngine } from '../../../../plugins/engines/onnxruntime/open.js';

const options = { executionProvider: 'cpu', graphOptimization: 'all', threads: 1 } as const;

describe('onnxruntime engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(options);
  });
  afterAll(() => engine.dispose());

  const step: ProgramFunction = (inputs, state) => {
    const loss = (w: tf.Tensor): tf.Scalar => tf.sum(tf.square(tf.matMul(inputs['x']!, w)));
    const { value, grads } = tf.valueAndGrads((w: tf.Tensor) => loss(w))([state['w']!]);
    return { outputs: { loss: value }, state: { w: tf.sub(state['w']!, tf.mul(grads[0]!, inputs['lr']!)) } };
  };
  const spec: ProgramSpec = {
    name: 'step',
    inputs: { x: { shape: [1, 2], dtype: 'float32' }, lr: { shape: [], dtype: 'float32' } },
    state: { w: { shape: [2, 1], dtype: 'float32' } },
  };

  it('carries state through a hand-computed gradient step and leaves tfjs as it was', async () => {
    await tf.ready();
    const backend = tf.getBackend();
    const before = tf.memory().numTensors;
    const program = await engine.compile(step, spec);
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getBackend()).toBe(backend);
    const state = await engine.createState({
      w: { shape: [2, 1], dtype: 'float32', data: Float32Array.of(1, 2) },
    });
    // x w = 1*1 + 3*2 = 7, loss 49; d loss / d w = 2 * 7 * x = [14, 42]
    const { loss } = await program.run({ x: Float32Array.of(1, 3), lr: Float32Array.of(0.1) }, { state });
    expect(loss!.data[0]).toBeCloseTo(49, 5);
    const { w } = await state.read();
    expect(w!.data[0]).toBeCloseTo(1 - 1.4, 5);
    expect(w!.data[1]).toBeCloseTo(2 - 4.2, 5);
  });
});
