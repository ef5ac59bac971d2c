import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type {
  Dtype,
  EngineState,
  HostArray,
  HostTensor,
  Program,
  ProgramInfo,
  ProgramSpec,
  RunOptions,
  TensorSpec,
} from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { fillDraw, requireRandomKey, type Draw } from '../../../nn/programs/draws.js';
import type { InputLimit } from '../../../nn/onnx/trace/input-limits.js';
import { messageOf } from '../../../core/errors/message-of.js';
import { allocate, checkInputs, checkState, elementCount } from '../shared/inputs.js';
import { checkPositions } from './positions.js';
import { type Runtime } from './runtime.js';
import { OnnxState } from './state.js';

/** What a compiled graph is fed and what it gives, by the contract's names. */
export interface Signature {
  /** Inputs, carried tensors and draws that the graph reads at all. */
  readonly inputs: readonly string[];
  readonly reads: readonly string[];
  readonly draws: readonly { readonly index: number; readonly draw: Draw }[];
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** Carried tensors that are replaced, with the shape in which the graph gives their elements. */
  readonly replaces: Readonly<Record<string, readonly number[]>>;
  /** Those of them that are written where they lie. */
  readonly inPlace: readonly string[];
  /** Positions among the inputs. */
  readonly limits: readonly InputLimit[];
}

/** A traced function in an onnxruntime session. */
export class OnnxProgram implements Program {
  private isDisposed = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    private readonly spec: ProgramSpec,
    private readonly signature: Signature,
    readonly info: ProgramInfo,
    private readonly release: () => Promise<void>,
  ) {}

  async run(
    inputs: Readonly<Record<string, HostArray>>,
    options: RunOptions = {},
  ): Promise<Record<string, HostTensor>> {
    checkInputs(this.spec.name, this.spec.inputs, inputs);
    checkPositions(this.spec.name, this.signature.limits, inputs);
    const state = this.stateOf(options.state);
    return this.runtime.enqueue(async () => {
      const feeds = { ...this.inputFeeds(inputs), ...this.stateFeeds(state), ...this.randomFeeds(options) };
      const { fetches, outputs } = await this.fetches(state);
      await this.execute(feeds, fetches);
      state?.flip(Object.keys(this.signature.replaces).filter((name) => !this.isInPlace(name)));
      return outputs;
    });
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return; // what it would give back a second time is another program's by then
    this.isDisposed = true;
    await this.runtime.enqueue(() => this.release());
  }

  private stateOf(state: EngineState | undefined): OnnxState | null {
    checkState(this.spec.name, this.spec.state ?? {}, state?.specs ?? {});
    if (state === undefined || state instanceof OnnxState) return state ?? null;
    throw new ForgeError(
      'AF_ENGINE_INPUT',
      `Program ${this.spec.name} was given the state of another engine.`,
      {
        at: this.spec.name,
        fix: 'Create the state with the engine that compiled the program.',
      },
    );
  }

  private inputFeeds(inputs: Readonly<Record<string, HostArray>>): Record<string, Tensor> {
    return Object.fromEntries(
      this.signature.inputs.map((name) => {
        const { dtype, shape } = this.spec.inputs[name]!;
        return [`input.${name}`, this.runtime.tensor(dtype, inputs[name]!, shape)];
      }),
    );
  }

  private stateFeeds(state: OnnxState | null): Record<string, Tensor> {
    if (!state) return {};
    return Object.fromEntries(this.signature.reads.map((name) => [`state.${name}`, state.current(name)]));
  }

  private randomFeeds({ random }: RunOptions): Record<string, Tensor> {
    return Object.fromEntries(
      this.signature.draws.map(({ index, draw }) => {
        const numbers = new Float32Array(elementCount(draw.shape));
        fillDraw(draw, requireRandomKey(this.spec.name, random), index, numbers);
        return [`random.${index}`, this.runtime.tensor('float32', numbers, draw.shape)];
      }),
    );
  }

  private async fetches(
    state: OnnxState | null,
  ): Promise<{ fetches: Record<string, Tensor>; outputs: Record<string, HostTensor> }> {
    const outputs: Record<string, HostTensor> = {};
    const fetches: Record<string, Tensor> = {};
    for (const [name, { dtype, shape }] of Object.entries(this.signature.outputs)) {
      const data = allocate(dtype as Dtype, elementCount(shape));
      outputs[name] = { dtype, shape: [...shape], data };
      fetches[`output.${name}`] = this.runtime.tensor(dtype, data, shape);
    }
    if (state)
      for (const [name, shape] of Object.entries(this.signature.replaces))
        fetches[`next.${name}`] = this.isInPlace(name)
          ? state.view(name, shape)
          : await state.spare(name, shape);
    return { fetches, outputs };
  }

  private isInPlace(name: string): boolean {
    return this.signature.inPlace.includes(name);
  }

  private async execute(feeds: Record<string, Tensor>, fetches: Record<string, Tensor>): Promise<void> {
    if (Object.keys(fetches).length === 0) return;
    try {
      await this.session.run(feeds, fetches);
      this.runtime.countCopies(Object.values(feeds), Object.values(fetches));
    } catch (error) {
      throw new ForgeError('AF_ENGINE_RUN', `Program ${this.spec.name} failed: ${messageOf(error)}`, {
        at: this.spec.name,
        fix: 'Check that indices lie within their tensors and that there is memory for the intermediate tensors.',
        cause: error,
      });
    }
  }
}
