import type { Tensor2D } from '@tensorflow/tfjs';
import type { EngineState, Program } from '../../core/contracts/engine.js';
import { specsOf } from '../training/state.js';
import type { RowsReader, Said, SaidOutputs, WritingModel } from './decoding.js';

/** Reads all of every text again for every token, for architectures that cannot decode with carried state. */
export class WindowRows implements RowsReader {
  private readonly ids: Int32Array;
  private readonly lengths: number[];

  private constructor(
    private readonly rows: number,
    private readonly width: number,
    private readonly program: Program,
    private readonly state: EngineState,
  ) {
    this.ids = new Int32Array(rows * width);
    this.lengths = new Array<number>(rows).fill(0);
  }

  /** @param width longest text */
  static async create(
    model: WritingModel,
    rows: number,
    width: number,
    outputs: SaidOutputs,
  ): Promise<WindowRows> {
    const { engine, architecture, config, weights } = model;
    const row = { shape: [rows, width], dtype: 'int32' as const };
    const program = await engine.compile(
      (inputs, state) => {
        const input = { ids: inputs['ids'] as Tensor2D, segments: inputs['segments'] as Tensor2D };
        return {
          outputs: outputs(architecture.forward(config, state, input, { select: inputs['select']! })),
        };
      },
      {
        name: `generate-${rows}x${width}`,
        inputs: { ids: row, segments: row, select: { shape: [rows], dtype: 'int32' } },
        state: specsOf(weights),
      },
    );
    return new WindowRows(rows, width, program, await engine.createState(weights));
  }

  async read(tokens: readonly (readonly number[])[]): Promise<(Said | null)[]> {
    tokens.forEach((ids, row) => {
      this.ids.set(ids, row * this.width + this.lengths[row]!);
      this.lengths[row]! += ids.length;
    });
    const said = await this.program.run(
      {
        ids: this.ids,
        segments: new Int32Array(this.ids.length),
        select: Int32Array.from(this.lengths, (length) => Math.max(0, length - 1)),
      },
      { state: this.state },
    );
    return Array.from({ length: this.rows }, (_, row) => (tokens[row]?.length ? said : null));
  }

  async forget(): Promise<void> {
    this.lengths.fill(0);
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
    await this.state.dispose();
  }
}
