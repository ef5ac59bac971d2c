import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { HostTensor, TensorMap } from '../../core/contracts/tensor.js';
import { ForgeError, nearest } from '../../core/errors/index.js';
import type { ForwardSubject } from '../evaluation/index.js';
import { InputRecorder, isRecorded } from './recorder.js';
import type { CalibrationStatistics, InputStatistics } from './statistics.js';
import { InputTally } from './tally.js';

/** A model whose inputs are measured. */
export interface CalibrationSubject extends ForwardSubject {
  /**
   * Makes of the weights what the forward pass computes with. The inputs of a matrix that has a norm or a rounding of its own
   * are those before them.
   */
  readonly bind?: (params: TensorMap) => TensorMap;
}

/** Rows to read; all arrays are [B * T], row-major. */
export interface CalibrationBatch {
  readonly ids: Int32Array;
  readonly segments: Int32Array;
  /** 1 where a position counts, 0 where it is padding: {@link import('./text-positions.js').textPositions}. */
  readonly text: Int32Array;
}

export interface CalibrationOptions {
  /** Rows per batch and tokens per row, of every batch. */
  readonly shape: readonly [rows: number, length: number];
  /** Matrices of which the whole Hessian is kept: 8 in^2 bytes each. Default none. */
  readonly hessian?: readonly string[];
  /** Of the norm that `gain` is fitted for. Default 1e-6. */
  readonly epsilon?: number;
  /** Told how many batches are done. */
  readonly onBatch?: (done: number) => void | Promise<void>;
}

/**
 * Statistics of what goes into every linear matrix of a model when it reads text. Nothing is kept of single tokens: memory
 * does not grow with the number of batches. The same batches give the same bits.
 *
 * @param state holds the weights
 * @throws ForgeError AF_DATA_TOO_SMALL when no position counts, AF_MODEL_NOT_FINITE naming a matrix whose inputs are no
 *   numbers, AF_MODEL_TENSORS when `hessian` names no linear matrix
 */
export async function inputStatistics(
  engine: Engine,
  subject: CalibrationSubject,
  state: EngineState,
  batches: readonly CalibrationBatch[],
  options: CalibrationOptions,
): Promise<CalibrationStatistics> {
  const tensors = subject.architecture.describe(subject.config).filter(isRecorded);
  const hessian = requireMatrices(options.hessian ?? [], tensors);
  const program = await compileRecorder(engine, subject, options, hessian);
  try {
    const sums = new CalibrationSums(tensors, hessian);
    for (const [index, { ids, segments, text }] of batches.entries()) {
      sums.add(await program.run({ ids, segments, text }, { state }), countOf(text));
      await options.onBatch?.(index + 1);
    }
    return sums.statistics();
  } finally {
    await program.dispose();
  }
}

function compileRecorder(
  engine: Engine,
  { architecture, config, specs, bind = (params) => params }: CalibrationSubject,
  { shape, epsilon = 1e-6 }: CalibrationOptions,
  hessian: ReadonlySet<string>,
): Promise<Program> {
  const row = { shape, dtype: 'int32' } as const;
  const tensors = architecture.describe(config);
  return engine.compile(
    ({ ids, segments, text }, state) => {
      const counted = tf.cast(tf.reshape(text!, [-1]), 'float32') as Tensor1D;
      const recorder = new InputRecorder(counted, { hessian, epsilon });
      const params = recorder.bind(bind(state), tensors);
      architecture.forward(config, params, { ids: ids as Tensor2D, segments: segments as Tensor2D });
      // A program must give something, also of a model without linear matrices.
      return { outputs: { ready: tf.zeros([]), ...recorder.outputs() } };
    },
    { name: 'input-statistics', inputs: { ids: row, segments: row, text: row }, state: specs },
  );
}

/** Sums of every matrix over the batches. */
class CalibrationSums {
  private readonly tallies = new Map<string, InputTally>();
  private readonly odd = new Set<string>();
  private tokens = 0;

  constructor(
    private readonly tensors: readonly TensorDescription[],
    private readonly hessian: ReadonlySet<string>,
  ) {}

  /** @param outputs of one batch @param tokens of text in it */
  add(outputs: Readonly<Record<string, HostTensor>>, tokens: number): void {
    this.tokens += tokens;
    for (const { name, shape, layout } of this.tensors) {
      if (outputs[`${name}/odd`] !== undefined) this.odd.add(name);
      if (outputs[`${name}/power`] === undefined) continue;
      let tally = this.tallies.get(name);
      if (tally === undefined) {
        tally = new InputTally(shape[layout === 'out-in' ? 1 : 0]!, this.hessian.has(name));
        this.tallies.set(name, tally);
      }
      tally.add((sum) => outputs[`${name}/${sum}`]!, tokens);
    }
  }

  statistics(): CalibrationStatistics {
    const { tokens } = this;
    if (tokens === 0) throw nothingToRead();
    const matrices: Record<string, InputStatistics> = {};
    const unmeasured: Record<string, string> = {};
    for (const { name } of this.tensors) {
      const tally = this.tallies.get(name);
      if (tally === undefined) unmeasured[name] = this.whyNot(name);
      else matrices[name] = finite(name, tally.statistics());
    }
    return { tokens, matrices, unmeasured };
  }

  private whyNot(name: string): string {
    return this.odd.has(name)
      ? 'its inputs are not one for each token'
      : 'the forward pass never multiplies by it as a linear layer';
  }
}

function countOf(text: Int32Array): number {
  return text.reduce((sum, each) => sum + each, 0);
}

function finite(name: string, statistics: InputStatistics): InputStatistics {
  if (Number.isFinite(statistics.rms) && Number.isFinite(statistics.kurtosis)) return statistics;
  throw new ForgeError('AF_MODEL_NOT_FINITE', `What goes into ${name} is not finite.`, {
    at: `tensor ${name}`,
    fix: 'The model cannot be calibrated: use weights from before training diverged.',
  });
}

function nothingToRead(): ForgeError {
  return new ForgeError('AF_DATA_TOO_SMALL', 'There is no text to calibrate on.', {
    fix: 'Give rows that hold tokens of documents.',
  });
}

function requireMatrices(
  names: readonly string[],
  tensors: readonly TensorDescription[],
): ReadonlySet<string> {
  const known = tensors.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return new Set(names);
  const meant = nearest(unknown, known);
  throw new ForgeError('AF_MODEL_TENSORS', `The model has no linear matrix ${unknown}.`, {
    at: 'hessian',
    fix: meant === undefined ? 'Name linear matrices of the model.' : `Did you mean ${meant}?`,
  });
}
