import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, Forward, ForwardOptions } from '../../core/contracts/architecture.js';
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

/** Chooses what a compiled forward pass returns. */
export type ForwardOutputs = (
  pass: Forward,
  inputs: Readonly<Record<string, Tensor>>,
) => Readonly<Record<string, Tensor>>;

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
    options: Pick<ForwardOptions, 'step'> = {},
  ): Promise<Program> {
    const row: TensorSpec = { shape, dtype: 'int32' };
    const { architecture, config, specs } = this.subject;
    return this.engine.compile(
      (inputs, state) => {
        const input = { ids: inputs['ids'] as Tensor2D, segments: inputs['segments'] as Tensor2D };
        return {
          outputs: {
            ...outputs(
              architecture.forward(config, state, input, { ...options, select: inputs['select'] }),
              inputs,
            ),
          },
        };
      },
      { name, inputs: { ids: row, segments: row, ...extra }, state: specs },
    );
  }

  /** Recursion steps K of the model. */
  get recursionSteps(): number {
    const { architecture, config } = this.subject;
    return architecture.facts?.(config)['recursion_steps'] ?? 1;
  }

  run(program: Program, inputs: Record<string, Int32Array>): Promise<Record<string, HostTensor>> {
    return program.run(inputs, { state: this.state });
  }
}
