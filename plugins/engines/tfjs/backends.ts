import * as tf from '@tensorflow/tfjs';
import { completeWasmKernels } from './wasm-kernels.js';

export type BackendChoice = 'auto' | 'node-gpu' | 'node' | 'wasm' | 'cpu';

/** A tfjs backend and the package that brings it; fastest first. */
export interface BackendPackage {
  readonly choice: Exclude<BackendChoice, 'auto'>;
  /** null: part of @tensorflow/tfjs. */
  readonly package: string | null;
  /** Name it registers with tfjs. */
  readonly backend: string;
  readonly install: string;
}

export const BACKENDS: readonly BackendPackage[] = [
  {
    choice: 'node-gpu',
    package: '@tensorflow/tfjs-node-gpu',
    backend: 'tensorflow',
    install:
      'npm install @tensorflow/tfjs-node-gpu (its installer downloads libtensorflow; CUDA 11 must be there)',
  },
  {
    choice: 'node',
    package: '@tensorflow/tfjs-node',
    backend: 'tensorflow',
    install: 'npm install @tensorflow/tfjs-node (its installer downloads libtensorflow)',
  },
  {
    choice: 'wasm',
    package: '@tensorflow/tfjs-backend-wasm',
    backend: 'wasm',
    install: 'npm install @tensorflow/tfjs-backend-wasm',
  },
  { choice: 'cpu', package: null, backend: 'cpu', install: 'part of @tensorflow/tfjs' },
];

/** What became of one candidate. */
export interface BackendAttempt {
  readonly candidate: BackendPackage;
  /** null when the backend is ready. */
  readonly problem: string | null;
}

/** Load a backend's package and start the backend; tfjs keeps the backend it had. */
export async function startBackend(candidate: BackendPackage): Promise<BackendAttempt> {
  await tf.ready();
  quietJavaScriptBackend();
  const previous = tf.getBackend();
  try {
    if (candidate.package !== null) await import(candidate.package);
    const started = await tf.setBackend(candidate.backend);
    if (candidate.choice === 'wasm') completeWasmKernels();
    return { candidate, problem: started ? null : `${candidate.package ?? candidate.backend} did not start` };
  } catch (error) {
    return { candidate, problem: reason(candidate, error) };
  } finally {
    await tf.setBackend(previous);
  }
}

/** On first use the JavaScript backend recommends another package; `probe` says that better. */
function quietJavaScriptBackend(): void {
  const cpu = tf.findBackend('cpu') as object | null;
  if (cpu !== null) Object.assign(cpu, { firstUse: false });
}

function reason(candidate: BackendPackage, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /Cannot find (module|package)/.test(message) && message.includes(`'${candidate.package}'`);
  return missing
    ? `${candidate.package} is not installed`
    : `${candidate.package} could not be loaded: ${firstLine(message)}`;
}

function firstLine(message: string): string {
  return message.split('\n')[0]!;
}
