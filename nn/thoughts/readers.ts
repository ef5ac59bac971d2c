import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, Decoder } from '../../core/contracts/architecture.js';
import type {
  Engine,
  EngineState,
  Program,
  ProgramFunction,
  RandomKey,
  RunOptions,
} from '../../core/contracts/engine.js';
import type { TensorDict, TensorSpecs } from '../../core/contracts/tensor.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import { fromGroup, inGroup, specsOf, zeros } from '../training/state.js';
import { chooseTokens } from './choose-token.js';

/** A model that thinks on an engine, R = prefixes x copies thoughts at a time. */
export interface ReaderOptions {
  readonly engine: Engine;
  readonly architecture: Architecture;
  readonly config: unknown;
  /** Texts that are thought about. */
  readonly prefixes: number;
  /** Thoughts about each. */
  readonly copies: number;
  /** Most tokens of a text and a thought with its START. */
  readonly width: number;
  readonly excluded: readonly number[];
}

/** null: the most likely token. */
export type Choice = RandomKey | null;

/** Reads texts and writes after each of them several times over. */
export interface ThoughtReader {
  /** Replace the weights. */
  load(weights: TensorDict): Promise<void>;
  /** Begin anew. @param prefixes ids of each text, at least one */
  begin(prefixes: readonly (readonly number[])[]): Promise<void>;
  /** One more token in every row. @param ids [R] @returns [R]: what comes next, to be given to the next call */
  next(ids: Int32Array, choice: Choice): Promise<Int32Array>;
  dispose(): Promise<void>;
}

export function openReader(options: ReaderOptions, weights: TensorDict): Promise<ThoughtReader> {
  const { decoder } = options.architecture;
  return decoder === undefined
    ? WindowReader.open(options, weights)
    : CarriedReader.open(options, decoder, weights);
}

/** A text is read once, in pieces; what is known of it is then copied for each of its thoughts. */
class CarriedReader implements ThoughtReader {
  private readonly programs = new CompiledPrograms<string>();

  private constructor(
    private readonly options: ReaderOptions,
    private readonly decoder: Decoder,
    private readonly state: EngineState,
    private readonly specs: Readonly<Record<'param' | 'prefix' | 'carried', TensorSpecs>>,
  ) {}

  static async open(options: ReaderOptions, decoder: Decoder, weights: TensorDict): Promise<CarriedReader> {
    const { config, prefixes, copies, width } = options;
    const prefix = inGroup('prefix', zeros(decoder.carried(config, prefixes, width)));
    const carried = inGroup('carried', zeros(decoder.carried(config, prefixes * copies, width)));
    const param = inGroup('param', weights);
    const state = await options.engine.createState({ ...param, ...prefix, ...carried });
    const specs = { param: specsOf(param), prefix: specsOf(prefix), carried: specsOf(carried) };
    return new CarriedReader(options, decoder, state, specs);
  }

  load(weights: TensorDict): Promise<void> {
    return this.state.write(inGroup('param', weights));
  }

  async begin(prefixes: readonly (readonly number[])[]): Promise<void> {
    await this.state.write(zeros(this.specs.prefix));
    const longest = Math.max(...prefixes.map((ids) => ids.length));
    for (let first = 0; first < longest; first += PIECE) {
      const width = Math.min(PIECE, this.options.width);
      const ids = new Int32Array(prefixes.length * width);
      prefixes.forEach((all, row) => ids.set(all.slice(first, first + width), row * width));
      const counts = Int32Array.from(prefixes, ({ length }) => Math.min(width, Math.max(0, length - first)));
      const program = await this.programs.get('read', () => this.compileRead(width));
      await program.run({ ids, counts }, { state: this.state });
    }
    const fork = await this.programs.get('fork', () => this.compileFork());
    await fork.run({}, { state: this.state });
  }

  async next(ids: Int32Array, choice: Choice): Promise<Int32Array> {
    const program = await this.programs.get('step', () => this.compileStep());
    return runChoice(program, { ids }, choice, this.state);
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    await this.state.dispose();
  }

  private compileRead(width: number): Promise<Program> {
    const { engine, config, prefixes } = this.options;
    return engine.compile(
      ({ ids, counts }, state) => {
        const input = { ids: ids as Tensor2D, counts: counts as Tensor1D };
        const { state: next } = this.decoder.decode(
          config,
          fromGroup('param', state),
          fromGroup('prefix', state),
          input,
        );
        return { outputs: { read: tf.sum(counts!) }, state: inGroup('prefix', next) };
      },
      {
        name: 'read-prefixes',
        inputs: {
          ids: { shape: [prefixes, width], dtype: 'int32' },
          counts: { shape: [prefixes], dtype: 'int32' },
        },
        state: { ...this.specs.param, ...this.specs.prefix },
      },
    );
  }

  /** Every carried tensor has a row per text first. */
  private compileFork(): Promise<Program> {
    const { engine, prefixes, copies } = this.options;
    const source = Array.from({ length: prefixes * copies }, (_, row) => Math.floor(row / copies));
    const fork: ProgramFunction = (_inputs, state) => ({
      outputs: { rows: tf.scalar(source.length, 'int32') },
      state: inGroup(
        'carried',
        Object.fromEntries(
          Object.entries(fromGroup('prefix', state)).map(([name, tensor]) => [
            name,
            tf.gather(tensor, tf.tensor1d(source, 'int32')),
          ]),
        ),
      ),
    });
    const specs = { ...this.specs.prefix, ...this.specs.carried };
    return engine.compile(fork, { name: 'fork-thoughts', inputs: {}, state: specs });
  }

  private compileStep(): Promise<Program> {
    const { engine, config, prefixes, copies, excluded } = this.options;
    const rows = prefixes * copies;
    return engine.compile(
      ({ ids, greedy }, state, context) => {
        const input = { ids: tf.reshape(ids!, [rows, 1]) as Tensor2D, counts: tf.ones([rows], 'int32') };
        const decoded = this.decoder.decode(
          config,
          fromGroup('param', state),
          fromGroup('carried', state),
          input as typeof input & { counts: Tensor1D },
        );
        return {
          outputs: { token: chooseTokens(decoded, excluded, greedy as Scalar, context) },
          state: inGroup('carried', decoded.state),
        };
      },
      {
        name: 'think',
        inputs: { ids: { shape: [rows], dtype: 'int32' }, greedy: { shape: [], dtype: 'float32' } },
        state: { ...this.specs.param, ...this.specs.carried },
      },
    );
  }
}

/** Tokens of a text that are read at once. */
const PIECE = 128;

/** Reads everything again for every token, for architectures that cannot decode with carried state. */
class WindowReader implements ThoughtReader {
  private readonly ids: Int32Array;
  private readonly lengths: Int32Array;

  private constructor(
    private readonly options: ReaderOptions,
    private readonly program: Program,
    private readonly state: EngineState,
  ) {
    const rows = options.prefixes * options.copies;
    this.ids = new Int32Array(rows * options.width);
    this.lengths = new Int32Array(rows);
  }

  static async open(options: ReaderOptions, weights: TensorDict): Promise<WindowReader> {
    const { engine, architecture, config, prefixes, copies, width, excluded } = options;
    const rows = prefixes * copies;
    const program = await engine.compile(
      ({ ids, select, greedy }, state, context) => {
        const input = { ids: ids as Tensor2D, segments: tf.zerosLike(ids!) as Tensor2D };
        const said = architecture.forward(config, fromGroup('param', state), input, { select: select! });
        return { outputs: { token: chooseTokens(said, excluded, greedy as Scalar, context) } };
      },
      {
        name: 'think-window',
        inputs: {
          ids: { shape: [rows, width], dtype: 'int32' },
          select: { shape: [rows], dtype: 'int32' },
          greedy: { shape: [], dtype: 'float32' },
        },
        state: specsOf(inGroup('param', weights)),
      },
    );
    return new WindowReader(options, program, await engine.createState(inGroup('param', weights)));
  }

  load(weights: TensorDict): Promise<void> {
    return this.state.write(inGroup('param', weights));
  }

  async begin(prefixes: readonly (readonly number[])[]): Promise<void> {
    const { copies, width } = this.options;
    this.lengths.forEach((_, row) => {
      const prefix = prefixes[Math.floor(row / copies)]!;
      this.ids.set(prefix, row * width);
      this.lengths[row] = prefix.length;
    });
  }

  async next(ids: Int32Array, choice: Choice): Promise<Int32Array> {
    ids.forEach((id, row) => (this.ids[row * this.options.width + this.lengths[row]!++] = id));
    const select = this.lengths.map((length) => length - 1);
    return runChoice(this.program, { ids: this.ids, select }, choice, this.state);
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
    await this.state.dispose();
  }
}

async function runChoice(
  program: Program,
  inputs: Readonly<Record<string, Int32Array>>,
  choice: Choice,
  state: EngineState,
): Promise<Int32Array> {
  // A greedy choice draws a number as well, and does not look at it.
  const options: RunOptions = { state, random: choice ?? { seed: 0, stream: 'greedy', counter: 0 } };
  const greedy = Float32Array.of(choice === null ? 1 : 0);
  const { token } = await program.run({ ...inputs, greedy }, options);
  return token!.data as Int32Array;
}
