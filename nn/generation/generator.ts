import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture } from '../../core/contracts/architecture.js';
import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { RandomStream } from '../../core/contracts/merge.js';
import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { allLogits, haltingProbabilities } from '../models/index.js';
import { numbered } from '../numbered.js';
import { specsOf } from '../training/state.js';
import { sampleToken, type SamplingOptions } from './sampling.js';

export interface GeneratorOptions {
  readonly engine: Engine;
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  readonly weights: TensorDict;
  /**
   * Chooses the recursion step to answer with from the halting probabilities q_1..q_K of the last position;
   * without it the last step answers.
   */
  readonly halt?: (probabilities: readonly number[]) => number;
}

/** One prediction: the logits that answer, and how many recursion steps it took. */
export interface Prediction {
  readonly logits: Float32Array;
  readonly steps: number;
}

/** Shortest compiled window; windows double from here to the model's context length. */
const SHORTEST_WINDOW = 32;

/** Predicts next tokens with one model. Programs are compiled per window length, on first use. */
export class Generator {
  private readonly programs = new Map<number, Promise<Program>>();

  private constructor(
    private readonly options: GeneratorOptions,
    private readonly state: EngineState,
  ) {}

  static async create(options: GeneratorOptions): Promise<Generator> {
    return new Generator(options, await options.engine.createState(options.weights));
  }

  /** Most ids that are seen at once. */
  get contextLength(): number {
    return this.options.architecture.contextLength(this.options.config);
  }

  /** Predict the token after `ids`; only the last `contextLength` of them are seen. */
  async predict(ids: readonly number[]): Promise<Prediction> {
    const limit = this.contextLength;
    const seen = ids.slice(-limit);
    const window = Math.min(limit, windowFor(seen.length));
    const padded = new Int32Array(window);
    padded.set(seen);
    const program = await this.program(window);
    const outputs = await program.run(
      { ids: padded, segments: new Int32Array(window), position: Int32Array.of(seen.length - 1) },
      { state: this.state },
    );
    const steps = numbered(outputs, 'logits');
    const chosen = this.choose(numbered(outputs, 'halting'), steps.length);
    return { logits: steps[chosen]!.data as Float32Array, steps: chosen + 1 };
  }

  /**
   * Continue `prompt` token by token until `stop` or `maxTokens`.
   * @param prompt at least one id
   * @param options `vocabulary`: ids at or above it are never chosen (a table may have more rows than the tokenizer)
   */
  async *generate(
    prompt: readonly number[],
    options: SamplingOptions & {
      readonly maxTokens: number;
      readonly stop: number | null;
      readonly vocabulary?: number;
    },
    random: RandomStream,
  ): AsyncGenerator<{ readonly id: number; readonly steps: number }> {
    const ids = [...prompt];
    for (let i = 0; i < options.maxTokens; i++) {
      const { logits, steps } = await this.predict(ids);
      const id = sampleToken(logits.subarray(0, options.vocabulary), options, random);
      if (id === options.stop) return;
      ids.push(id);
      yield { id, steps };
    }
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.state.dispose();
  }

  private choose(halting: readonly HostTensor[], count: number): number {
    if (halting.length === 0 || this.options.halt === undefined) return count - 1;
    return Math.min(count, this.options.halt(halting.map((step) => step.data[0]!))) - 1;
  }

  private program(window: number): Promise<Program> {
    let program = this.programs.get(window);
    if (program === undefined) {
      program = this.compile(window);
      this.programs.set(window, program);
    }
    return program;
  }

  private compile(window: number): Promise<Program> {
    const { engine, architecture, config } = this.options;
    const row = { shape: [1, window], dtype: 'int32' as const };
    return engine.compile(
      (inputs, state) => {
        const input = { ids: inputs['ids'] as Tensor2D, segments: inputs['segments'] as Tensor2D };
        const pass = architecture.forward(config, state, input, { select: inputs['position']! });
        return {
          outputs: {
            ...indexed('logits', allLogits(pass)),
            ...indexed('halting', haltingProbabilities(pass)),
          },
        };
      },
      {
        name: `generate-${window}`,
        inputs: { ids: row, segments: row, position: { shape: [1], dtype: 'int32' } },
        state: specsOf(this.options.weights),
      },
    );
  }
}

/** One flat output per recursion step. */
function indexed(prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((tensor, k) => [`${prefix}${k}`, tf.reshape(tensor, [-1])]));
}

function windowFor(length: number): number {
  let window = SHORTEST_WINDOW;
  while (window < length) window *= 2;
  return window;
}
