import type {
  Engine,
  EngineInfo,
  EngineState,
  Program,
  ProgramFunction,
  ProgramSpec,
  TensorDict,
} from '../../../core/contracts/index.js';
import { EagerProgram } from './program.js';
import { EagerState } from './state.js';

/** Runs program functions as they are, on one tfjs backend. There is nothing to compile. */
export class EagerEngine implements Engine {
  private readonly states = new Set<EagerState>();

  constructor(
    private readonly backend: string,
    readonly info: EngineInfo,
  ) {}

  /** A kernel that the backend lacks is found when the program first runs. */
  async compile(fn: ProgramFunction, spec: ProgramSpec): Promise<Program> {
    return new EagerProgram(this.backend, `tfjs (${this.info.device})`, fn, spec);
  }

  async createState(values: TensorDict): Promise<EngineState> {
    const state = new EagerState(this.backend, values, () => this.states.delete(state));
    this.states.add(state);
    return state;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.states].map((state) => state.dispose()));
  }
}
