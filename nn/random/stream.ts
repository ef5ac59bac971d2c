import type { RandomStream } from '../../core/contracts/merge.js';
import { streamKey, wordAt, type StreamKey } from './counter.js';

/** A cursor over a counter-based stream. `position` is all there is to save and restore. */
export interface CounterStream extends RandomStream {
  position: number;
  /** Fisher-Yates permutation of 0..length-1. */
  permutation(length: number): Uint32Array;
}

/** The stream named by a seed and a path, for example `stream(seed, 'data', 'gsm8k')`. */
export function stream(seed: number, ...path: readonly (string | number)[]): CounterStream {
  return new KeyedStream(streamKey(seed, ...path));
}

class KeyedStream implements CounterStream {
  position = 0;

  constructor(private readonly key: StreamKey) {}

  /** 53 random bits, as Math.random would give. */
  uniform(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }

  private next(): number {
    return wordAt(this.key, this.position++);
  }
}
