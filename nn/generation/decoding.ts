import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Decoder } from '../../core/contracts/architecture.js';
import type { EngineState, Program, ProgramInfo } from '../../core/contracts/engine.js';
import type { TensorDict, TensorSpecs } from '../../core/contracts/tensor.js';
import { elementCount } from '../models/index.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import { fromGroup, inGroup, specsOf, zeros, type CarriedGroup } from '../training/state.js';
import { groupOf, halvings, MANY_ROWS, rowsOf } from './carried-rows.js';
import {
  lookOf,
  requireLook,
  type Look,
  type RowsReader,
  type Said,
  type SaidOutputs,
  type SaidView,
  type WritingModel,
} from './rows-reader.js';

/** Tokens of a prompt that are read at once: shorter pieces are padded to a power of two. */
const SHORTEST_PIECE = 8;
const LONGEST_PIECE = 128;

/** How a decoding is made. */
export interface DecodingOptions {
  /**
   * Programs of other models with the same architecture, constants and shapes, to be used and added to; whoever gives them
   * disposes of them.
   */
  readonly programs?: CompiledPrograms<string>;
  /** Most tokens that any of the texts will have; without it, as many as the decoder can read. */
  readonly longest?: number;
}

/**
 * Texts that one model reads token by token, side by side: what it knows of them stays with the engine between passes.
 * One program reads a token of every text; a few more, compiled when they are first needed, read pieces of prompts.
 */
export class Decoding implements RowsReader {
  /** Texts that are read now. */
  rows: number;

  private constructor(
    private readonly model: WritingModel,
    private readonly decoder: Decoder,
    /** Row counts that there are programs for, the largest first. */
    private readonly sizes: readonly number[],
    private readonly look: Look | null,
    private readonly state: EngineState,
    private readonly start: TensorDict,
    private readonly options: DecodingOptions,
    private readonly programs: CompiledPrograms<string>,
  ) {
    this.rows = sizes[0]!;
  }

  /**
   * @param rows texts
   * @param outputs what is wanted of every reading; null: each says it
   */
  static async create(
    model: WritingModel,
    decoder: Decoder,
    rows: number,
    outputs: SaidOutputs | null,
    options: DecodingOptions = {},
  ): Promise<Decoding> {
    const sizes = halvings(rows);
    const carried = sizes.map((size) =>
      inGroup(groupOf(size, rows), zeros(decoder.carried(model.config, size, options.longest))),
    );
    const values = Object.assign({}, ...carried) as TensorDict;
    const state = await model.engine.createState({ ...inGroup('param', model.weights), ...values });
    const programs = options.programs ?? new CompiledPrograms<string>();
    return new Decoding(model, decoder, sizes, lookOf(outputs), state, carried[0]!, options, programs);
  }

  /** One that is made for another length may carry the same tensors: where a window is shorter than both. */
  isMadeFor(longest: number): boolean {
    return elementsOf(this.carried(1)) === elementsOf(this.decoder.carried(this.model.config, 1, longest));
  }

  async read(
    tokens: readonly (readonly number[])[],
    look: Look | null = this.look,
  ): Promise<(Said | null)[]> {
    const wanted = requireLook(look);
    const results: (Said | null)[] = tokens.map(() => null);
    const longest = Math.max(...tokens.map((row) => row.length));
    for (let first = 0; first < longest;) {
      const width = pieceFor(longest - first, this.rows);
      const piece = tokens.map((row) => row.slice(first, first + width));
      const outputs = await this.pass(piece, width, wanted);
      tokens.forEach(({ length }, row) => {
        if (length > first && length <= first + width) results[row] = outputs;
      });
      first += width;
    }
    return results;
  }

  async narrow(kept: readonly number[]): Promise<boolean> {
    const rows = this.sizes.filter((size) => size >= kept.length).at(-1)!;
    if (rows >= this.rows) return false;
    const held = fromGroup(this.group, await this.state.read(this.names(this.rows)));
    const chosen = Object.entries(held).map(([name, tensor]) => [name, rowsOf(tensor, kept, rows)] as const);
    await this.state.write(inGroup(this.groupOf(rows), Object.fromEntries(chosen)));
    this.rows = rows;
    return true;
  }

  forget(): Promise<void> {
    this.rows = this.sizes[0]!;
    return this.state.write(this.start);
  }

  /** A copy of what is known of the texts, of all of them. */
  remember(): Promise<TensorDict> {
    return this.state.read(Object.keys(this.start));
  }

  /** Go on from what {@link remember} gave. */
  recall(remembered: TensorDict): Promise<void> {
    this.rows = this.sizes[0]!;
    return this.state.write(remembered);
  }

  /** Bytes of what is known of the texts. */
  get carriedBytes(): number {
    return Object.values(this.start).reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** The program that reads one token of every text. */
  async stepInfo(): Promise<ProgramInfo> {
    return (await this.program(1, requireLook(this.look).view)).info;
  }

  async dispose(): Promise<void> {
    if (this.options.programs === undefined) await this.programs.dispose();
    await this.state.dispose();
  }

  private async pass(piece: readonly (readonly number[])[], width: number, look: Look): Promise<Said> {
    const ids = new Int32Array(this.rows * width);
    const counts = new Int32Array(this.rows);
    piece.forEach((row, i) => {
      ids.set(row, i * width);
      counts[i] = row.length;
    });
    const program = await this.program(width, look.view);
    return program.run({ ids, counts, ...look.inputs }, { state: this.state });
  }

  private program(width: number, view: SaidView): Promise<Program> {
    const rows = this.rows;
    const key = `${view.name} ${rows}x${width} ${elementsOf(this.carried(1))}`;
    return this.programs.get(key, () => this.compile(rows, width, view));
  }

  private compile(rows: number, width: number, view: SaidView): Promise<Program> {
    const { engine, config, weights } = this.model;
    const group = this.groupOf(rows);
    return engine.compile(
      ({ ids, counts, ...further }, state) => {
        const input = { ids: ids as Tensor2D, counts: counts as Tensor1D };
        const decoded = this.decoder.decode(
          config,
          fromGroup('param', state),
          fromGroup(group, state),
          input,
        );
        return { outputs: view.outputs(decoded, further), state: inGroup(group, decoded.state) };
      },
      {
        name: `decode-${rows}x${width}`,
        inputs: {
          ids: { shape: [rows, width], dtype: 'int32' },
          counts: { shape: [rows], dtype: 'int32' },
          ...view.inputs,
        },
        state: {
          ...inGroup('param', specsOf(weights)),
          ...inGroup(group, this.carried(rows)),
        },
        // A token goes into a slot that no earlier one can be seen in any more: reading it again is the same.
        overwrites: this.names(rows),
      },
    );
  }

  private get group(): CarriedGroup {
    return this.groupOf(this.rows);
  }

  private groupOf(rows: number): CarriedGroup {
    return groupOf(rows, this.sizes[0]!);
  }

  /** Names of what is carried for so many rows. */
  private names(rows: number): string[] {
    return Object.keys(inGroup(this.groupOf(rows), this.carried(rows)));
  }

  private carried(rows: number): TensorSpecs {
    return this.decoder.carried(this.model.config, rows, this.options.longest);
  }
}

/** Tells the tensors of longer texts from those of shorter ones. */
function elementsOf(specs: TensorSpecs): number {
  return Object.values(specs).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** How many tokens are read next: of many rows rather a short piece and a second one than much padding. */
function pieceFor(tokens: number, rows: number): number {
  if (tokens === 1) return 1;
  let width = SHORTEST_PIECE;
  while (width < tokens && width < LONGEST_PIECE) width *= 2;
  const isMostlyPadding = rows >= MANY_ROWS && width > SHORTEST_PIECE && 4 * tokens <= 3 * width;
  return isMostlyPadding ? width / 2 : width;
}
