import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { Engine, EngineProbe } from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { messageOf } from '../../../core/errors/message-of.js';
import { OnnxEngine } from './engine.js';
import { add } from '../../../nn/onnx/graph/elementwise.js';
import { Graph } from '../../../nn/onnx/graph/graph.js';
import { loadLibrary } from './library.js';
import { writeModel } from '../../../nn/onnx/write/model.js';
import { PROVIDERS, type ExecutionProvider, type ProviderName } from './providers.js';
import { Runtime } from './runtime.js';

/** Options of the engine with defaults filled in. */
export interface OnnxOptions {
  readonly executionProvider: ProviderName;
  readonly threads?: number;
  readonly graphOptimization: 'disabled' | 'basic' | 'extended' | 'all';
  readonly keepMemory: boolean;
  readonly profile?: string;
}

/** @throws ForgeError AF_ENGINE_NOT_INSTALLED when the library or the execution provider is not there. */
export async function openEngine(options: OnnxOptions): Promise<Engine> {
  const library = await loadLibrary(PROVIDERS.cpu.install);
  const threads = options.threads ?? (await physicalCores());
  const runtime = new Runtime(library, sessionOptions(options, threads));
  await tryProvider(runtime, options.executionProvider);
  const device = options.executionProvider === 'cpu' ? `cpu (${threads} threads)` : options.executionProvider;
  const info = { name: 'onnxruntime', device, version: library.env.versions.node ?? 'unknown' };
  return new OnnxEngine(runtime, info, PROVIDERS[options.executionProvider]);
}

/** Whether the engine can be opened here, and what it takes if not. */
export async function probeEngine(options: OnnxOptions): Promise<EngineProbe> {
  try {
    const engine = await openEngine(options);
    await engine.dispose();
    return { available: true, detail: `onnxruntime-node ${engine.info.version}, ${engine.info.device}` };
  } catch (error) {
    const fix = error instanceof ForgeError ? (error.fix ?? '') : '';
    return { available: false, detail: `${messageOf(error)} ${fix}`.trim() };
  }
}

function sessionOptions(options: OnnxOptions, threads: number): InferenceSession.SessionOptions {
  const provider: ExecutionProvider = PROVIDERS[options.executionProvider];
  return {
    executionProviders: options.executionProvider === 'cpu' ? ['cpu'] : [options.executionProvider, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.graphOptimization,
    logSeverityLevel: 4,
    // A pattern is one block for all intermediate tensors, on top of what the first run had taken: half as much again.
    enableMemPattern: false,
    enableCpuMemArena: options.keepMemory,
    extra: {
      optimization: { disable_specified_optimizers: provider.withoutOptimizers.join(';') },
      // Threads that wait longer than this sleep: as fast as endless spinning where cores are free, several times
      // faster where they are not.
      session: { intra_op: { spin_duration_us: '50' } },
    },
    ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
  };
}

/** One core runs one thread of matrix products; hardware threads of a core would only share its units. */
async function physicalCores(): Promise<number> {
  const { default: systeminformation } = await import('systeminformation');
  const { physicalCores: cores } = await systeminformation.cpu();
  return Math.max(1, Math.min(cores || Infinity, availableParallelism()));
}

/** Open a session of one node: an execution provider that is not there fails here, before any work. */
async function tryProvider(runtime: Runtime, provider: ProviderName): Promise<void> {
  if (provider === 'cpu') return;
  const graph = new Graph();
  const x = graph.input('x', { shape: [1], dtype: 'float32' });
  const model = writeModel({ inputs: [x], outputs: [{ name: 'y', value: add(graph, x, x) }] }, 'probe');
  try {
    await (await runtime.session('probe', model)).release();
  } catch (error) {
    const reason = briefly(messageOf(error instanceof ForgeError ? error.cause : error));
    throw new ForgeError('AF_ENGINE_NOT_INSTALLED', `onnxruntime cannot use ${provider} here: ${reason}.`, {
      fix: PROVIDERS[provider].install,
      cause: error,
    });
  }
}

/** The last sentence of a native message, without the source file and the condition that failed. */
function briefly(message: string): string {
  return message
    .trim()
    .split('\n')[0]!
    .replace(/^.* was false\. /, '')
    .replace(/^\w+: /, '');
}
