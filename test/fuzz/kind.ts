import type { CounterStream } from '../../nn/random/index.js';

/** One document to read, with what is known about it. */
export interface Attempt {
  /** What to keep of it when it shows a fault. */
  readonly bytes: Uint8Array;
  /** Read it as the product does; what is thrown is a refusal. */
  read(): Promise<unknown>;
  /** Why it was wrong to accept it and give this, or null. */
  whyWrong(accepted: unknown): string | null;
  /** Why it was wrong to refuse it, or null where a refusal is fine. */
  readonly mustAccept?: string | null;
}

/** A kind of document that people or programs hand to the product. */
export interface DocumentKind {
  readonly name: string;
  /** Prepare once what every attempt needs. @param folder an empty one of its own */
  open(folder: string): Promise<(random: CounterStream) => Promise<Attempt>>;
}

export const nothingWrong = (): null => null;
