import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, Forward } from '../../core/contracts/architecture.js';
import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { fromGroup, inGroup, specsOf, zeros } from '../../nn/training/state.js';

/** Logits [K, B, T, V] and halting logits [K, B, T]. */
export type Answers = Record<'logits' | 'halting', HostTensor>;

function answersOf({ features, head, halting }: Pick<Forward, 'features' | 'head' | 'halting'>): TensorMap {
  const [steps, rows, length, width] = features.shape;
  const flat = tf.reshape(features, [steps * rows * length, width]) as Tensor2D;
  return {
    logits: tf.reshape(tf.matMul(flat, head, false, true), [steps, rows, length, head.shape[0]]),
    halting: halting.length === 0 ? tf.zeros([0]) : tf.stack([...halting]),
  };
}

/** One pass of `forward` over whole rows. */
export async function forwardAnswers(
  engine: Engine,
  architecture: Architecture,
  config: unknown,
  weights: TensorDict,
  rows: readonly (readonly number[])[],
): Promise<Answers> {
  const shape = [rows.length, rows[0]!.length];
  const program = await engine.compile(
    ({ ids }, state) => {
      const input = { ids: ids as Tensor2D, segments: tf.zerosLike(ids!) as Tensor2D };
      return { outputs: answersOf(architecture.forward(config, state, input)) };
    },
    { name: 'forward', inputs: { ids: { shape, dtype: 'int32' } }, state: specsOf(weights) },
  );
  const state = await engine.createState(weights);
  const answers = await program.run({ ids: Int32Array.from(rows.flat()) }, { state });
  await state.dispose();
  await program.dispose();
  return answers as Answers;
}

/** A decoder with its state, fed by hand. */
export class DecodingRows {
  private readonly programs = new Map<number, Program>();

  private constructor(
    private readonly engine: Engine,
    private readonly architecture: Architecture,
    private readonly config: unknown,
    private readonly carried: TensorDict,
    private readonly weights: TensorDict,
    private readonly rows: number,
    readonly state: EngineState,
  ) {}

  static async create(
    engine: Engine,
    architecture: Architecture,
    config: unknown,
    weights: TensorDict,
    rows: number,
  ): Promise<DecodingRows> {
    const carried = inGroup('carried', zeros(architecture.decoder!.carried(config, rows)));
    const state = await engine.createState({ ...inGroup('param', weights), ...carried });
    return new DecodingRows(engine, architecture, config, carried, weights, rows, state);
  }

  /** @param tokens per row at most `width` ids; the rest is padded with an id of the vocabulary */
  async read(tokens: readonly (readonly number[])[], width: number): Promise<Answers> {
    const ids = new Int32Array(this.rows * width).fill(1);
    tokens.forEach((row, i) => ids.set(row, i * width));
    const counts = Int32Array.from(tokens, (row) => row.length);
    const program = this.programs.get(width) ?? (await this.compile(width));
    this.programs.set(width, program);
    return (await program.run({ ids, counts }, { state: this.state })) as Answers;
  }

  /** The carried tensors. */
  known(): Promise<TensorDict> {
    return this.state.read(Object.keys(this.carried));
  }

  async begin(): Promise<void> {
    await this.state.write(this.carried);
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await program.dispose();
    await this.state.dispose();
  }

  private compile(width: number): Promise<Program> {
    return this.engine.compile(
      ({ ids, counts }, state) => {
        const input = { ids: ids as Tensor2D, counts: counts as Tensor1D };
        const carried = fromGroup('carried', state);
        const decoded = this.architecture.decoder!.decode(
          this.config,
          fromGroup('param', state),
          carried,
          input,
        );
        return { outputs: answersOf(decoded), state: inGroup('carried', decoded.state) };
      },
      {
        name: `decode-${width}`,
        inputs: {
          ids: { shape: [this.rows, width], dtype: 'int32' },
          counts: { shape: [this.rows], dtype: 'int32' },
        },
        state: { ...inGroup('param', specsOf(this.weights)), ...specsOf(this.carried) },
      },
    );
  }
}
