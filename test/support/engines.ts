import * as tf from '@tensorflow/tfjs';
import { ENGINE, type Engine, type FunctionContext } from '../../core/contracts/engine.js';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { specsOf } from '../../nn/training/state.js';
import { onnxruntime } from '../../plugins/engines/onnxruntime/index.js';
import { tfjs } from '../../plugins/engines/tfjs/index.js';
import { implementationOf } from '../../testing/index.js';

/** Runs a tfjs function of named tensors on the engine under test. */
export type Compute = (
  inputs: TensorDict,
  fn: (tensors: TensorMap, context: FunctionContext) => TensorMap,
) => Promise<Record<string, HostTensor>>;

const ENGINES = {
  'tfjs cpu': () => implementationOf(ENGINE, tfjs({ backend: 'cpu' })),
  onnxruntime: () => implementationOf(ENGINE, onnxruntime()),
};

/** tfjs on its plain JavaScript backend, for the tests of the calling file; without its advice to use another. */
export function useCpuBackend(): void {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend('cpu');
  });
}

/**
 * The same tests on the tfjs cpu backend and on onnxruntime.
 * @param tests gets a way to run a function once, and the engine for those that carry state (within a test)
 */
export function describeOnEngines(
  title: string,
  tests: (compute: Compute, engine: () => Engine) => void,
): void {
  describe.each(Object.entries(ENGINES))(`${title} (%s)`, (_name, provider) => {
    let engine: Engine;
    useCpuBackend();
    beforeAll(async () => {
      engine = await (await provider()).open();
    });
    afterAll(() => engine.dispose());
    tests(
      async (inputs, fn) => {
        const spec = { name: 'test', inputs: specsOf(inputs) };
        const program = await engine.compile(
          (tensors, _state, context) => ({ outputs: fn(tensors, context) }),
          spec,
        );
        const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensor.data]));
        const outputs = await program.run(feeds, { random: { seed: 1, stream: 'test', counter: 1 } });
        await program.dispose();
        return outputs;
      },
      () => engine,
    );
  });
}

/** A float32 host tensor from nested or flat numbers. */
export function floats(data: ArrayLike<number>, shape: readonly number[] = [data.length]): HostTensor {
  return { dtype: 'float32', shape, data: Float32Array.from(data) };
}

/** An int32 host tensor. */
export function integers(data: ArrayLike<number>, shape: readonly number[] = [data.length]): HostTensor {
  return { dtype: 'int32', shape, data: Int32Array.from(data) };
}
