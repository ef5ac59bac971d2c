import type { Architecture } from '../../core/contracts/architecture.js';
import type { Engine } from '../../core/contracts/engine.js';
import type {
  HostArray,
  HostTensor,
  TensorDict,
  TensorMap,
  TensorSpecs,
} from '../../core/contracts/tensor.js';
import type { LastPosition } from './answers.js';

/** A model that writes: its family, constants and weights, and what runs it. */
export interface WritingModel {
  readonly engine: Engine;
  readonly architecture: Architecture;
  /** Validated hyper-parameters. */
  readonly config: unknown;
  readonly weights: TensorDict;
}

/** Makes of a pass what is to be seen of it on the host. @param inputs those of the view */
export type SaidOutputs = (said: LastPosition, inputs: TensorMap) => TensorMap;

/** What of a pass is to be seen on the host. */
export interface SaidView {
  /** Tells views apart where their programs are kept together. */
  readonly name: string;
  /** What `outputs` takes besides what was said. */
  readonly inputs?: TensorSpecs;
  readonly outputs: SaidOutputs;
}

/** A view with what it takes. */
export interface Look {
  readonly view: SaidView;
  readonly inputs?: Readonly<Record<string, HostArray>>;
}

/** What a model says after a text, by the names that {@link SaidOutputs} gave; the second axis is the row. */
export type Said = Readonly<Record<string, HostTensor>>;

/** Reads texts side by side. */
export interface RowsReader {
  /** Texts that are read now: fewer after `narrow`, all again after `forget`. */
  readonly rows: number;
  /**
   * @param tokens the next ids of each text; none leaves it as it is
   * @param look what is wanted; without it, what the reader was made for
   * @returns per text what is said after its last id (of all rows); null for a text without new ids
   */
  read(tokens: readonly (readonly number[])[], look?: Look): Promise<(Said | null)[]>;
  /**
   * Go on with some of the texts alone where reading fewer is cheaper.
   * @param kept their rows; they are the first rows from then on, in this order
   * @returns whether it was done
   */
  narrow(kept: readonly number[]): Promise<boolean>;
  /** Whether it reads texts of at most that length as cheaply as one that is made for them. */
  isMadeFor(longest: number): boolean;
  /** Begin all texts anew. @param width of the longest of them */
  forget(width?: number): Promise<void>;
  dispose(): Promise<void>;
}

/** What a reader was made for; null where every reading says what it wants. */
export function lookOf(outputs: SaidOutputs | null): Look | null {
  return outputs === null ? null : { view: { name: 'said', outputs } };
}

/** @throws Error when neither the reader nor the reading says what is wanted: a defect */
export function requireLook(look: Look | null): Look {
  if (look === null) throw new Error('a reader that was made without outputs was read without a view');
  return look;
}
