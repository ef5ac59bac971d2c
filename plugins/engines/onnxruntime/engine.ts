import { createHash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';
import type {
  CopiedBytes,
  Engine,
  EngineInfo,
  EngineState,
  Program,
  ProgramFunction,
  ProgramSpec,
  TensorDict,
  TensorSpec,
} from '../../../core/contracts/index.js';
import { matmulFlops } from '../../../nn/onnx/graph/flops.js';
import { reachable } from '../../../nn/onnx/graph/graph.js';
import { madeBy, type Value } from '../../../nn/onnx/graph/value.js';
import { writeModel, type GraphOutput } from '../../../nn/onnx/write/model.js';
import { DeviceMemory, HostMemory, type Memory } from './memory.js';
import { OnnxProgram, type Signature } from './program.js';
import { PROVIDERS, type ExecutionProvider } from './providers.js';
import type { Runtime } from './runtime.js';
import { OnnxState } from './state.js';
import { isWrittenInPlace } from '../../../nn/onnx/trace/in-place.js';
import { inputLimits } from '../../../nn/onnx/trace/input-limits.js';
import { traceFunction, type Trace } from '../../../nn/onnx/trace/trace.js';

/**
 * Matrix products of fewer operations than this in all are run by one thread: small ones are done before a second thread
 * has woken up, and onnxruntime wakes it for every batch of products (80 us for products of 3 us).
 */
const SHARED_FLOPS = 2 ** 24;

/** A session and the number of programs that use it. */
interface CachedSession {
  readonly session: Promise<InferenceSession>;
  users: number;
}

/** Traces tfjs functions to ONNX graphs and runs them in onnxruntime. Equal graphs share one session. */
export class OnnxEngine implements Engine {
  private readonly sessions = new Map<string, CachedSession>();

  private readonly memory: Memory;

  constructor(
    private readonly runtime: Runtime,
    readonly info: EngineInfo,
    private readonly provider: ExecutionProvider = PROVIDERS.cpu,
  ) {
    this.memory = provider.carried === 'device' ? new DeviceMemory(runtime) : new HostMemory(runtime);
  }

  get copied(): CopiedBytes | undefined {
    return this.provider.carried === 'shared' ? undefined : this.runtime.copied;
  }

  async compile(fn: ProgramFunction, spec: ProgramSpec): Promise<Program> {
    await Promise.resolve(); // leave any tfjs scope of the caller: tracing needs the engine to itself
    const started = performance.now();
    const { dialect } = this.provider;
    const trace = traceFunction(fn, spec, dialect);
    const outputs = outputsOf(trace);
    const nodes = reachable(outputs.map((output) => output.value));
    const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputs.map((output) => output.value)]);
    const inputs = trace.graph.inputs.filter((input) => used.has(input));
    const flops = matmulFlops(nodes);
    const model = writeModel({ inputs, outputs, opset: dialect.opset }, spec.name);
    const { key, cached } = this.sessionFor(spec.name, model, flops > 0 && flops < SHARED_FLOPS);
    cached.users++;
    const release = (): Promise<void> => this.release(key, cached);
    const session = await cached.session.catch(async (error: unknown) => {
      if (this.sessions.get(key) === cached) this.sessions.delete(key);
      throw error;
    });
    const limits = inputLimits(trace.graph, new Set(nodes));
    const info = {
      nodes: nodes.length,
      matmulFlops: flops,
      compileMs: performance.now() - started,
    };
    return new OnnxProgram(
      this.runtime,
      session,
      spec,
      { ...signatureOf(trace, used), limits, inPlace: this.inPlace(trace, spec, outputs) },
      info,
      release,
    );
  }

  async createState(values: TensorDict): Promise<EngineState> {
    return OnnxState.create(this.runtime, this.memory, values);
  }

  async dispose(): Promise<void> {
    const open = [...this.sessions.values()];
    this.sessions.clear();
    await this.runtime.enqueue(async () => {
      await Promise.all(open.map(async ({ session }) => (await session).release()));
      await this.memory.dispose();
    });
  }

  /** Names of carried tensors that are written where they lie. */
  private inPlace(
    { state, nextState }: Trace,
    { overwrites = [] }: ProgramSpec,
    outputs: readonly GraphOutput[],
  ) {
    if (this.provider.carried !== 'shared') return [];
    const given = outputs.map(({ value }) => value);
    return overwrites.filter((name) => {
      const [before, next] = [state[name], nextState[name]];
      return before !== undefined && next !== undefined && isWrittenInPlace(before, written(next), given);
    });
  }

  private sessionFor(
    name: string,
    model: Uint8Array,
    serial: boolean,
  ): { key: string; cached: CachedSession } {
    const key = createHash('sha256').update(model).digest('hex');
    const session = (): Promise<InferenceSession> =>
      this.runtime.session(name, model, serial ? { intraOpNumThreads: 1 } : {});
    const cached = this.sessions.get(key) ?? { session: session(), users: 0 };
    this.sessions.set(key, cached);
    return { key, cached };
  }

  private async release(key: string, cached: CachedSession): Promise<void> {
    cached.users--;
    if (cached.users > 0 || this.sessions.get(key) !== cached) return;
    this.sessions.delete(key);
    await (await cached.session).release();
  }
}

function outputsOf(trace: Trace): GraphOutput[] {
  return [
    ...Object.entries(trace.outputs).map(([name, value]) => ({ name: `output.${name}`, value })),
    ...Object.entries(trace.nextState).map(([name, value]) => ({
      name: `next.${name}`,
      value: written(value),
    })),
  ];
}

/**
 * What is written into the buffer of a carried tensor: the elements before a last change of shape. That change would
 * copy them.
 */
function written(value: Value): Value {
  const before = madeBy(value, 'Reshape')?.inputs[0];
  return before?.source.kind === 'node' ? before : value;
}

function signatureOf(trace: Trace, used: ReadonlySet<Value | null>): Omit<Signature, 'limits' | 'inPlace'> {
  const names = (values: Readonly<Record<string, Value>>): string[] =>
    Object.keys(values).filter((name) => used.has(values[name]!));
  return {
    inputs: names(trace.inputs),
    reads: names(trace.state),
    draws: trace.draws.flatMap(({ draw, value }, index) => (used.has(value) ? [{ index, draw }] : [])),
    outputs: Object.fromEntries(Object.entries(trace.outputs).map(([name, value]) => [name, specOf(value)])),
    replaces: Object.fromEntries(
      Object.entries(trace.nextState).map(([name, value]) => [name, written(value).shape]),
    ),
  };
}

function specOf({ shape, dtype }: Value): TensorSpec {
  if (dtype === 'int64' || dtype === 'uint8') throw new TypeError(`A value of type ${dtype} was returned.`);
  return { shape, dtype };
}
