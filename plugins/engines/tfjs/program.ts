import * as tf from '@tensorflow/tfjs';
import type {
  Dtype,
  FunctionContext,
  HostArray,
  HostTensor,
  Program,
  ProgramFunction,
  ProgramInfo,
  ProgramSpec,
  RunOptions,
  TensorMap,
} from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { onBackend } from '../../../nn/programs/backend-scope.js';
import { fillDraw, requireRandomKey, type Draw } from '../../../nn/programs/draws.js';
import {
  explainFunctionError,
  withDeepStacks,
  wrongReplacement,
} from '../../../nn/programs/function-error.js';
import { checkInputs, checkState, copyOf, elementCount } from '../shared/inputs.js';
import { EagerState, hostTensor } from './state.js';

/** A function that is simply called; everything it makes is freed except outputs and carried tensors. */
export class EagerProgram implements Program {
  readonly info: ProgramInfo = { nodes: null, matmulFlops: null, compileMs: 0 };

  constructor(
    private readonly backend: string,
    private readonly engine: string,
    private readonly fn: ProgramFunction,
    private readonly spec: ProgramSpec,
  ) {}

  async run(
    inputs: Readonly<Record<string, HostArray>>,
    options: RunOptions = {},
  ): Promise<Record<string, HostTensor>> {
    checkInputs(this.spec.name, this.spec.inputs, inputs);
    const state = this.stateOf(options);
    try {
      return withDeepStacks(() => onBackend(this.backend, () => this.call(inputs, state, options)));
    } catch (error) {
      throw explainFunctionError(error, this.spec, this.engine);
    }
  }

  async dispose(): Promise<void> {}

  private stateOf({ state }: RunOptions): EagerState | null {
    checkState(this.spec.name, this.spec.state ?? {}, state?.specs ?? {});
    if (state === undefined || state instanceof EagerState) return state ?? null;
    throw new ForgeError(
      'AF_ENGINE_INPUT',
      `Program ${this.spec.name} was given the state of another engine.`,
      {
        at: this.spec.name,
        fix: 'Create the state with the engine that compiled the program.',
      },
    );
  }

  private call(
    inputs: Readonly<Record<string, HostArray>>,
    state: EagerState | null,
    options: RunOptions,
  ): Record<string, HostTensor> {
    const outputs: Record<string, HostTensor> = {};
    tf.tidy(() => {
      const carried = state?.pick(Object.keys(this.spec.state ?? {})) ?? {};
      const result = this.fn(this.inputTensors(inputs), carried, this.context(options));
      const next = result.state ?? {};
      this.checkReplacements(next);
      for (const [name, tensor] of Object.entries(result.outputs)) outputs[name] = toHost(tensor);
      state?.replace(next);
    });
    return outputs;
  }

  private inputTensors(inputs: Readonly<Record<string, HostArray>>): TensorMap {
    return Object.fromEntries(
      Object.entries(this.spec.inputs).map(([name, spec]) => [
        name,
        hostTensor({ ...spec, data: inputs[name]! }),
      ]),
    );
  }

  private context({ random }: RunOptions): FunctionContext {
    let calls = 0;
    const draw = (one: Draw): tf.Tensor => {
      const numbers = new Float32Array(elementCount(one.shape));
      fillDraw(one, requireRandomKey(this.spec.name, random), calls++, numbers);
      return tf.tensor(numbers, [...one.shape], 'float32');
    };
    return {
      bernoulli: (shape, keep) => draw({ kind: 'bernoulli', shape, keep }),
      uniform: (shape) => draw({ kind: 'uniform', shape }),
      normal: (shape) => draw({ kind: 'normal', shape }),
    };
  }

  private checkReplacements(next: TensorMap): void {
    for (const [name, tensor] of Object.entries(next)) {
      const spec = this.spec.state?.[name];
      if (spec && spec.dtype === tensor.dtype && spec.shape.join() === tensor.shape.join()) continue;
      throw wrongReplacement(this.spec, name, `${tensor.dtype}[${tensor.shape.join(', ')}]`);
    }
  }
}

function toHost(tensor: tf.Tensor): HostTensor {
  const dtype = tensor.dtype as Dtype;
  return { dtype, shape: [...tensor.shape], data: copyOf(dtype, tensor.dataSync()) };
}
