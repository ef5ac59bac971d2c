import type { Tensor2D } from '@tensorflow/tfjs';
import type { EngineState, Program } from '../../core/contracts/engine.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import { specsOf } from '../training/state.js';
import { haltingOfSteps, logitsOfSteps } from './answers.js';
import type { Said, WritingModel } from './rows-reader.js';
import type { TextReader } from './text-reader.js';

/** Shortest compiled window; windows double from here to the model's context length. */
const SHORTEST_WINDOW = 32;

/**
 * Reads whole texts again for every token, for architectures that cannot decode with carried state. Programs are compiled
 * per window length, on first use.
 */
export class WindowReader implements TextReader {
  private readonly programs = new CompiledPrograms<number>();
  private readonly limit: number;

  private constructor(
    private readonly model: WritingModel,
    private readonly state: EngineState,
  ) {
    this.limit = model.architecture.contextLength(model.config);
  }

  static async create(model: WritingModel): Promise<WindowReader> {
    return new WindowReader(model, await model.engine.createState(model.weights));
  }

  visible(ids: readonly number[]): readonly number[] {
    return ids.slice(-this.limit);
  }

  async read(ids: readonly number[]): Promise<Said> {
    const window = Math.min(this.limit, windowFor(ids.length));
    const padded = new Int32Array(window);
    padded.set(ids);
    const program = await this.programs.get(window, () => this.compile(window));
    return program.run(
      { ids: padded, segments: new Int32Array(window), position: Int32Array.of(ids.length - 1) },
      { state: this.state },
    );
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    await this.state.dispose();
  }

  private compile(window: number): Promise<Program> {
    const { engine, architecture, config, weights } = this.model;
    const row = { shape: [1, window], dtype: 'int32' as const };
    return engine.compile(
      (inputs, state) => {
        const input = { ids: inputs['ids'] as Tensor2D, segments: inputs['segments'] as Tensor2D };
        const pass = architecture.forward(config, state, input, { select: inputs['position']! });
        return { outputs: { logits: logitsOfSteps(pass), ...haltingOfSteps(pass) } };
      },
      {
        name: `generate-${window}`,
        inputs: { ids: row, segments: row, position: { shape: [1], dtype: 'int32' } },
        state: specsOf(weights),
      },
    );
  }
}

function windowFor(length: number): number {
  let window = SHORTEST_WINDOW;
  while (window < length) window *= 2;
  return window;
}
