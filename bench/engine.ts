import { ENGINE, type Engine } from '../core/contracts/index.js';
import { isForgeError } from '../core/errors/index.js';
import { onnxruntime } from '../plugins/engines/onnxruntime/index.js';
import { tfjs } from '../plugins/engines/tfjs/index.js';
import { implementationOf } from '../testing/implementation.js';
import { decoderWorkload } from './engine/decoder-workload.js';
import { measureOnce, measureStep, type StepMeasurement } from './engine/measure.js';
import { titansMagWorkload } from './engine/titans-mag-workload.js';
import type { Tfjs } from './engine/workload.js';

export interface EngineBenchmarkOptions {
  /** Which engine is measured; default: onnxruntime. */
  readonly engine?: 'onnxruntime' | 'tfjs';
  /** Where onnxruntime runs; default: cpu. */
  readonly executionProvider?: 'cpu' | 'webgpu' | 'cuda';
}

/** A step's measurements and the same step on the fastest tfjs backend that is a plain npm package. */
interface WorkloadReport extends StepMeasurement {
  readonly wasmStepMs: number | null;
  /** How many times faster than wasm. */
  readonly speedup: number | null;
  /** Why there is no wasm number. */
  readonly wasmReason?: string;
}

export interface EngineReport extends Readonly<Record<string, unknown>> {
  readonly engine: Engine['info'];
  /** The 25,900,801-parameter training step of the seeds-25m preset. */
  readonly titansMag25m: WorkloadReport;
  /** A plain decoder of 4.2M parameters, 1,024 tokens per step. */
  readonly decoder4m: WorkloadReport;
}

/** `agentforge bench engine`: how fast training steps run, beside the machine's own rate of matrix products. */
export async function run(
  say: (line: string) => void,
  { engine: name = 'onnxruntime', executionProvider = 'cpu' }: EngineBenchmarkOptions = {},
): Promise<EngineReport> {
  const tf = await import('@tensorflow/tfjs');
  const plugin = name === 'onnxruntime' ? onnxruntime({ executionProvider }) : tfjs();
  const engine = await (await implementationOf(ENGINE, plugin)).open();
  try {
    say(`${engine.info.name} ${engine.info.version} on ${engine.info.device}`);
    say('titans-mag 25M: compiling and running 2 + 5 steps');
    const large = await measureStep(engine, tf, await titansMagWorkload(), { warmUp: 2, timed: 5 });
    say('decoder 4M: 3 + 15 steps');
    const small = await measureStep(engine, tf, decoderWorkload(tf, '4m'), { warmUp: 3, timed: 15 });
    say('decoder 4M on tfjs wasm: 1 step');
    const wasm = await wasmStep(tf);
    return {
      engine: engine.info,
      titansMag25m: {
        ...large,
        wasmStepMs: null,
        speedup: null,
        wasmReason: 'not run at this size',
      },
      decoder4m: {
        ...small,
        ...wasm,
        speedup: wasm.wasmStepMs === null ? null : wasm.wasmStepMs / small.stepMs,
      },
    };
  } finally {
    await engine.dispose();
  }
}

async function wasmStep(tf: Tfjs): Promise<{ wasmStepMs: number | null; wasmReason?: string }> {
  try {
    const engine = await (await implementationOf(ENGINE, tfjs({ backend: 'wasm' }))).open();
    await measureOnce(engine, decoderWorkload(tf, 'tiny'));
    const wasmStepMs = await measureOnce(engine, decoderWorkload(tf, '4m'));
    await engine.dispose();
    return { wasmStepMs };
  } catch (error) {
    if (isForgeError(error, 'AF_ENGINE_NOT_INSTALLED'))
      return { wasmStepMs: null, wasmReason: error.message };
    throw error;
  }
}
