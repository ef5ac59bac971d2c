import type { Decoder } from '../../core/contracts/architecture.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { haltingOfSteps, logitsOfSteps } from './answers.js';
import { Decoding } from './decoding.js';
import type { Said, WritingModel } from './rows-reader.js';

/** Reads texts with one model. */
export interface TextReader {
  /** The end of a text that can be read, of a short one all of it. */
  visible(ids: readonly number[]): readonly number[];
  /**
   * What comes after visible ids; at least one.
   * @returns `logits` [K, 1, V] and, of a model that halts by itself, `halting` [K, 1]
   */
  read(ids: readonly number[]): Promise<Said>;
  dispose(): Promise<void>;
}

/** A text that was put aside, to be gone on with. */
interface Parked {
  readonly ids: readonly number[];
  readonly carried: TensorDict;
}

/** Texts that are kept aside at most: each has the size of the carried tensors. */
const MOST_PARKED = 4;

/**
 * Reads with carried state: of a text that goes on from one that was read before only the new ids are read. Of other
 * texts a few are kept, so that several can be written at the same time, or several conversations held.
 */
export class CarriedReader implements TextReader {
  private tail: Promise<unknown> = Promise.resolve();
  /** What the state has read; null when a failure left it unknown. */
  private held: readonly number[] | null = [];
  private readonly parked: Parked[] = [];

  private constructor(
    private readonly decoding: Decoding,
    private readonly limit: number | null,
  ) {}

  static async create(model: WritingModel, decoder: Decoder): Promise<CarriedReader> {
    const decoding = await Decoding.create(model, decoder, 1, (decoded) => ({
      logits: logitsOfSteps(decoded),
      ...haltingOfSteps(decoded),
    }));
    return new CarriedReader(decoding, decoder.limit(model.config));
  }

  visible(ids: readonly number[]): readonly number[] {
    return this.limit === null ? ids : endOfText(ids, this.limit);
  }

  read(ids: readonly number[]): Promise<Said> {
    const result = this.tail.then(() => this.readNow(ids));
    this.tail = result.catch(() => undefined);
    return result;
  }

  async dispose(): Promise<void> {
    await this.tail;
    await this.decoding.dispose();
  }

  private async readNow(ids: readonly number[]): Promise<Said> {
    const known = await this.resume(ids);
    this.held = null;
    const [said] = await this.decoding.read([ids.slice(known)]);
    this.held = [...ids];
    return said!;
  }

  /** Bring back what is known of the beginning of a text. @returns how many of its ids were read */
  private async resume(ids: readonly number[]): Promise<number> {
    if (this.held !== null && goesOn(ids, this.held)) return this.held.length;
    if (this.held !== null) await this.park(this.held);
    const found = this.parked.filter((text) => goesOn(ids, text.ids));
    const longest = found.reduce<Parked | null>(
      (best, text) => (best === null || text.ids.length > best.ids.length ? text : best),
      null,
    );
    if (longest === null) await this.decoding.forget();
    else {
      this.parked.splice(this.parked.indexOf(longest), 1);
      await this.decoding.recall(longest.carried);
    }
    return longest?.ids.length ?? 0;
  }

  private async park(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    this.parked.push({ ids, carried: await this.decoding.remember() });
    if (this.parked.length > MOST_PARKED) this.parked.shift();
  }
}

/** Whether a text begins with another and has more. */
function goesOn(ids: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length < ids.length && beginning.every((id, i) => id === ids[i]);
}

/**
 * The end of a text that is longer than can be read: at least three quarters of `limit`. It begins at multiples of a
 * quarter, so that a text that grows is read again from a later beginning only once per quarter.
 */
export function endOfText(ids: readonly number[], limit: number): readonly number[] {
  const quarter = Math.max(1, Math.floor(limit / 4));
  return ids.slice(Math.max(0, Math.ceil((ids.length - limit) / quarter) * quarter));
}
