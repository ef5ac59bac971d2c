import type { Tensor2D } from '@tensorflow/tfjs';
import type { EngineState, Program } from '../../core/contracts/engine.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import { specsOf } from '../training/state.js';
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

/** Reads all of every text again for every token, for architectures that cannot decode with carried state. */
export class WindowRows implements RowsReader {
  private ids: Int32Array;
  private readonly lengths: number[];

  private constructor(
    private readonly model: WritingModel,
    readonly rows: number,
    private width: number,
    private readonly look: Look | null,
    private readonly state: EngineState,
    private readonly programs: CompiledPrograms<string>,
    private readonly ownsPrograms: boolean,
  ) {
    this.ids = new Int32Array(rows * width);
    this.lengths = new Array<number>(rows).fill(0);
  }

  /**
   * @param width longest text, until `forget` says otherwise
   * @param outputs what is wanted of every reading; null: each says it
   * @param programs as for a decoding
   */
  static async create(
    model: WritingModel,
    rows: number,
    width: number,
    outputs: SaidOutputs | null,
    programs?: CompiledPrograms<string>,
  ): Promise<WindowRows> {
    const state = await model.engine.createState(model.weights);
    const own = programs ?? new CompiledPrograms<string>();
    return new WindowRows(model, rows, width, lookOf(outputs), state, own, programs === undefined);
  }

  async read(
    tokens: readonly (readonly number[])[],
    look: Look | null = this.look,
  ): Promise<(Said | null)[]> {
    const { view, inputs } = requireLook(look);
    const { rows, width } = this;
    tokens.forEach((ids, row) => {
      this.ids.set(ids, row * width + this.lengths[row]!);
      this.lengths[row]! += ids.length;
    });
    const program = await this.programs.get(`${view.name} ${rows}x${width}`, () => this.compile(view));
    const said = await program.run(
      {
        ids: this.ids,
        segments: new Int32Array(this.ids.length),
        select: Int32Array.from(this.lengths, (length) => Math.max(0, length - 1)),
        ...inputs,
      },
      { state: this.state },
    );
    return Array.from({ length: rows }, (_, row) => (tokens[row]?.length ? said : null));
  }

  /** A program for fewer rows would be needed for every width. */
  async narrow(): Promise<boolean> {
    return false;
  }

  /** Its width is what `forget` says. */
  isMadeFor(): boolean {
    return true;
  }

  async forget(width = this.width): Promise<void> {
    this.width = width;
    this.ids = new Int32Array(this.rows * width);
    this.lengths.fill(0);
  }

  async dispose(): Promise<void> {
    if (this.ownsPrograms) await this.programs.dispose();
    await this.state.dispose();
  }

  private compile(view: SaidView): Promise<Program> {
    const { rows, width } = this;
    const { engine, architecture, config, weights } = this.model;
    const row = { shape: [rows, width], dtype: 'int32' as const };
    return engine.compile(
      ({ ids, segments, select, ...further }, state) => {
        const input = { ids: ids as Tensor2D, segments: segments as Tensor2D };
        const pass = architecture.forward(config, state, input, { select: select! });
        return { outputs: view.outputs(pass, further) };
      },
      {
        name: `generate-${rows}x${width}`,
        inputs: {
          ...{ ids: row, segments: row, select: { shape: [rows], dtype: 'int32' as const } },
          ...view.inputs,
        },
        state: specsOf(weights),
      },
    );
  }
}
