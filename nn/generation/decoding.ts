import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, Decoder } from '../../core/contracts/architecture.js';
import type { Engine, EngineState, Program, ProgramInfo } from '../../core/contracts/engine.js';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import { fromGroup, inGroup, specsOf, zeros } from '../training/state.js';
import type { LastPosition } from './answers.js';

/** A model that writes: its family, constants and weights, and what runs it. */
export interface WritingModel {
  readonly engine: Engine;
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  readonly weights: TensorDict;
}

/** Makes of a pass what is to be seen of it on the host. */
export type SaidOutputs = (said: LastPosition) => TensorMap;

/** What a model says after a text, by the names that {@link SaidOutputs} gave; the second axis is the row. */
export type Said = Readonly<Record<string, HostTensor>>;

/** Reads texts side by side. */
export interface RowsReader {
  /**
   * @param tokens the next ids of each text; none leaves it as it is
   * @returns per text what is said after its last id (of all rows); null for a text without new ids
   */
  read(tokens: readonly (readonly number[])[]): Promise<(Said | null)[]>;
  /** Begin all texts anew. */
  forget(): Promise<void>;
  dispose(): Promise<void>;
}

/** Tokens of a prompt that are read at once: shorter pieces are padded to a power of two. */
const SHORTEST_PIECE = 8;
const LONGEST_PIECE = 128;

/**
 * Texts that one model reads token by token, side by side: what it knows of them stays with the engine between passes.
 * One program reads a token of every text; a few more, compiled when they are first needed, read pieces of prompts.
 */
export class Decoding implements RowsReader {
  private readonly programs = new CompiledPrograms<number>();

  private constructor(
    private readonly model: WritingModel,
    private readonly decoder: Decoder,
    private readonly rows: number,
    private readonly outputs: SaidOutputs,
    private readonly state: EngineState,
    private readonly start: TensorDict,
  ) {}

  /** @param rows texts */
  static async create(
    model: WritingModel,
    decoder: Decoder,
    rows: number,
    outputs: SaidOutputs,
  ): Promise<Decoding> {
    const start = inGroup('carried', zeros(decoder.carried(model.config, rows)));
    const state = await model.engine.createState({ ...inGroup('param', model.weights), ...start });
    return new Decoding(model, decoder, rows, outputs, state, start);
  }

  async read(tokens: readonly (readonly number[])[]): Promise<(Said | null)[]> {
    const results: (Said | null)[] = tokens.map(() => null);
    const longest = Math.max(...tokens.map((row) => row.length));
    for (let first = 0; first < longest;) {
      const width = pieceFor(longest - first);
      const piece = tokens.map((row) => row.slice(first, first + width));
      const outputs = await this.pass(piece, width);
      tokens.forEach(({ length }, row) => {
        if (length > first && length <= first + width) results[row] = outputs;
      });
      first += width;
    }
    return results;
  }

  forget(): Promise<void> {
    return this.state.write(this.start);
  }

  /** A copy of what is known of the texts. */
  remember(): Promise<TensorDict> {
    return this.state.read(Object.keys(this.start));
  }

  /** Go on from what {@link remember} gave. */
  recall(remembered: TensorDict): Promise<void> {
    return this.state.write(remembered);
  }

  /** Bytes of what is known of the texts. */
  get carriedBytes(): number {
    return Object.values(this.start).reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** The program that reads one token of every text. */
  async stepInfo(): Promise<ProgramInfo> {
    return (await this.program(1)).info;
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    await this.state.dispose();
  }

  private async pass(piece: readonly (readonly number[])[], width: number): Promise<Said> {
    const ids = new Int32Array(this.rows * width);
    piece.forEach((row, i) => ids.set(row, i * width));
    const counts = Int32Array.from(piece, (row) => row.length);
    const program = await this.program(width);
    return program.run({ ids, counts }, { state: this.state });
  }

  private program(width: number): Promise<Program> {
    return this.programs.get(width, () => this.compile(width));
  }

  private compile(width: number): Promise<Program> {
    const { engine, config, weights } = this.model;
    return engine.compile(
      ({ ids, counts }, state) => {
        const input = { ids: ids as Tensor2D, counts: counts as Tensor1D };
        const decoded = this.decoder.decode(
          config,
          fromGroup('param', state),
          fromGroup('carried', state),
          input,
        );
        return { outputs: this.outputs(decoded), state: inGroup('carried', decoded.state) };
      },
      {
        name: `decode-${this.rows}x${width}`,
        inputs: {
          ids: { shape: [this.rows, width], dtype: 'int32' },
          counts: { shape: [this.rows], dtype: 'int32' },
        },
        state: { ...inGroup('param', specsOf(weights)), ...specsOf(this.start) },
      },
    );
  }
}

function pieceFor(tokens: number): number {
  if (tokens === 1) return 1;
  let width = SHORTEST_PIECE;
  while (width < tokens && width < LONGEST_PIECE) width *= 2;
  return width;
}
