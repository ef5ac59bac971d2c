import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Architecture } from '../../core/contracts/architecture.js';
import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { HostTensor, TensorSpec, TensorSpecs } from '../../core/contracts/tensor.js';

/** A model family with its constants: what a forward pass is compiled from. */
export interface ForwardSubject {
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  /** Names and shapes of the weights. */
  readonly specs: TensorSpecs;
}

/** Chooses what a forward pass returns. */
export type ForwardOutputs = (
  steps: readonly Tensor3D[],
  halting: readonly Tensor2D[],
  statistics: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, Tensor>>,
) => Record<string, Tensor>;

/** Further inputs besides ids and segments; one called `select` picks a position of each row. */
export type ExtraInputs = Readonly<Record<string, TensorSpec>>;

/** Compiles forward passes of one model with different outputs and runs them on its weights. */
export class Forwards {
  constructor(
    private readonly engine: Engine,
    private readonly subject: ForwardSubject,
    private readonly state: EngineState,
  ) {}

  /** @param shape rows and tokens per row */
  compile(
    name: string,
    shape: readonly [number, number],
    outputs: ForwardOutputs,
    extra: ExtraInputs = {},
  ): Promise<Program> {
    const row: TensorSpec = { shape, dtype: 'int32' };
    const { architecture, config, specs } = this.subject;
    return this.engine.compile(
      (inputs, state) => {
        const options = inputs['select'] === undefined ? {} : { select: inputs['select'] };
        const ids = inputs['ids'] as Tensor2D;
        const forward = architecture.forward(config, state, ids, inputs['segments'] as Tensor2D, options);
        return { outputs: outputs(forward.steps, forward.halting, { ...forward.statistics }, inputs) };
      },
      { name, inputs: { ids: row, segments: row, ...extra }, state: specs },
    );
  }

  run(program: Program, inputs: Record<string, Int32Array>): Promise<Record<string, HostTensor>> {
    return program.run(inputs, { state: this.state });
  }
}
