import type { Tensor } from '@tensorflow/tfjs';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';
import type { HostArray, HostTensor, TensorDict, TensorMap, TensorSpecs } from './tensor.js';

/**
 * Source of randomness inside a compiled function. Whatever JavaScript computes while a function is traced is
 * frozen into the graph, so random numbers are inputs that the engine fills before every run from the seeded
 * counter-based generator (nn/random), keyed by the run's {@link RandomKey} and the order of the calls.
 */
export interface FunctionContext {
  /** float32 tensor of 0 and 1; an element is 1 with probability `keep`. */
  bernoulli(shape: readonly number[], keep: number): Tensor;
  /** float32 uniform in [0, 1). */
  uniform(shape: readonly number[]): Tensor;
  /** float32 standard normal. */
  normal(shape: readonly number[]): Tensor;
}

/** Names one draw: the same key gives the same numbers on every engine and machine. */
export interface RandomKey {
  readonly seed: number;
  /** Named stream, for example `dropout`. */
  readonly stream: string;
  /** Usually the training step. */
  readonly counter: number;
}

/**
 * A pure function in plain tfjs. `state` holds the carried tensors; return the ones to replace under `state`.
 * It may call tf.grads / tf.variableGrads; it must not read tensor values.
 */
export type ProgramFunction = (
  inputs: TensorMap,
  state: TensorMap,
  context: FunctionContext,
) => { readonly outputs: TensorMap; readonly state?: TensorMap };

export interface ProgramSpec {
  /** For messages and listings. */
  readonly name: string;
  readonly inputs: TensorSpecs;
  /** Specs of the carried tensors the function reads or replaces (a subset of what the state holds is fine). */
  readonly state?: TensorSpecs;
  /**
   * Carried tensors that the function overwrites in parts and that may be written where they lie, without a copy: after a
   * run that failed their parts may be new already.
   */
  readonly overwrites?: readonly string[];
}

/** Facts of a compiled program, counted from its graph. Unknown is null. */
export interface ProgramInfo {
  readonly nodes: number | null;
  /** Multiply-adds of all matrix products, counted as 2*m*n*k, per run. */
  readonly matmulFlops: number | null;
  readonly compileMs: number;
}

export interface RunOptions {
  /** Carried tensors; required when the spec names state. Replaced in place by what the function returns. */
  readonly state?: EngineState;
  /** Required when the function draws random numbers. */
  readonly random?: RandomKey;
}

/** A function compiled for fixed shapes. */
export interface Program {
  readonly info: ProgramInfo;
  /**
   * @param inputs one array per input of the spec, row-major
   * @returns the outputs; the arrays are the caller's to keep
   * @throws ForgeError AF_ENGINE_INPUT when an input is missing, unknown or of the wrong length or type, or holds
   *   positions outside of the tensor they pick from
   */
  run(inputs: Readonly<Record<string, HostArray>>, options?: RunOptions): Promise<Record<string, HostTensor>>;
  dispose(): Promise<void>;
}

/** Tensors that stay with the engine between runs (parameters, moments), on the device where there is one. */
export interface EngineState {
  readonly specs: TensorSpecs;
  /** Copies of the named tensors, all without names. */
  read(names?: readonly string[]): Promise<TensorDict>;
  /** Overwrite the named tensors. @throws ForgeError AF_ENGINE_INPUT on unknown names or wrong shapes. */
  write(values: TensorDict): Promise<void>;
  dispose(): Promise<void>;
}

export interface EngineInfo {
  readonly name: string;
  /** For example `cpu (2 threads)`, `wasm`, `cuda:0`. */
  readonly device: string;
  readonly version: string;
}

/** Bytes copied between the memories of host and device. */
export interface CopiedBytes {
  readonly toDevice: number;
  readonly toHost: number;
}

/** A compute engine: compiles tfjs functions and keeps their state. */
export interface Engine {
  readonly info: EngineInfo;
  /**
   * What was copied since the engine was opened: inputs and random numbers in, outputs out, and state when it is created,
   * read or written. Absent where host and device are one, or where the engine cannot tell.
   */
  readonly copied?: CopiedBytes;
  /** @throws ForgeError AF_ENGINE_UNSUPPORTED_KERNEL naming the kernel and where it was called. */
  compile(fn: ProgramFunction, spec: ProgramSpec): Promise<Program>;
  createState(values: TensorDict): Promise<EngineState>;
  dispose(): Promise<void>;
}

/** What `agentforge doctor` prints of an engine on this machine. */
export interface EngineProbe {
  readonly available: boolean;
  /** What was found, or what is missing and how to get it. */
  readonly detail: string;
}

/** An engine provider: cheap to create, loads its native library only in `open`. */
export interface EngineProvider {
  open(): Promise<Engine>;
  probe(): Promise<EngineProbe>;
}

export const ENGINE = createToken<EngineProvider>('engine', { open: 'function', probe: 'function' });
/** Define an engine plugin. */
export const defineEngine = defineFor(ENGINE);
