import { ALPHABET, BYTE_CHARACTERS } from './alphabet.js';
import { Heap } from './heap.js';
import type { BpeMerge } from './encoder.js';

/** What training gives: the alphabet followed by the joined tokens, and the merges in order. */
export interface TrainedBpe {
  /** Token by id; the 256 single bytes come first. */
  readonly tokens: readonly string[];
  readonly merges: readonly BpeMerge[];
}

export interface BpeTrainingOptions {
  /** Tokens to end with, the alphabet included. Fewer when pairs run out. */
  readonly size: number;
  /** A pair seen less often is not joined. */
  readonly minFrequency: number;
  readonly onProgress?: (fraction: number) => void;
}

/** A pair with the count it had when it was queued; its count may have fallen since. */
interface Candidate {
  readonly pair: number;
  readonly count: number;
}

const MERGES_PER_TURN = 256;

/**
 * Learn the merges of a byte-pair encoding (Sennrich et al. 2016, algorithm 1) with incremental pair counts: a merge
 * visits only the words that hold its pair. Ties go to the pair with the smaller ids, so the result depends on
 * nothing but the counts.
 * @param words how often each piece occurs in the corpus
 */
export async function trainBpe(
  words: ReadonlyMap<string, number>,
  options: BpeTrainingOptions,
): Promise<TrainedBpe> {
  const tokens = [...ALPHABET];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: BpeMerge[] = [];
  const table = new PairTable(words, ids, Math.max(options.size, tokens.length));
  const wanted = Math.max(1, options.size - tokens.length);
  while (tokens.length < options.size) {
    const best = table.best(options.minFrequency);
    if (best === undefined) break;
    const { left, right } = best;
    const token = tokens[left]! + tokens[right]!;
    let joined = ids.get(token);
    if (joined === undefined) {
      joined = tokens.length;
      ids.set(token, joined);
      tokens.push(token);
    }
    merges.push({ left, right, joined });
    table.join(best, joined);
    if (merges.length % MERGES_PER_TURN === 0) {
      options.onProgress?.((tokens.length - ALPHABET.length) / wanted);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  options.onProgress?.(1);
  return { tokens, merges };
}

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Words that held the pair when it was counted; may repeat, may be out of date. */
  words: number[];
}

/** Words as runs of ids, with the count of every adjacent pair and where it occurs. */
class PairTable {
  private readonly symbols: Int32Array;
  private readonly starts: Int32Array;
  private readonly lengths: Int32Array;
  private readonly counts: Float64Array;
  private readonly pairs: Pair[] = [];
  private readonly indexByKey = new Map<number, number>();
  private readonly queue: Heap<Candidate>;
  private readonly grown = new Set<number>();

  /** `base` is above every id that will ever be used. */
  constructor(
    words: ReadonlyMap<string, number>,
    ids: ReadonlyMap<string, number>,
    private readonly base: number,
  ) {
    const byteIds = BYTE_CHARACTERS.map((character) => ids.get(character)!);
    this.counts = Float64Array.from(words.values());
    this.starts = new Int32Array(words.size);
    this.lengths = new Int32Array(words.size);
    let total = 0;
    for (const word of words.keys()) total += Buffer.byteLength(word, 'utf8');
    this.symbols = new Int32Array(total);
    let at = 0;
    let index = 0;
    for (const word of words.keys()) {
      const bytes = Buffer.from(word, 'utf8');
      this.starts[index] = at;
      this.lengths[index++] = bytes.length;
      for (const byte of bytes) this.symbols[at++] = byteIds[byte]!;
    }
    this.queue = new Heap((a, b) => this.goesBefore(a, b));
    this.countPairs();
  }

  /** The most frequent pair, or undefined when none is frequent enough. */
  best(minFrequency: number): Pair | undefined {
    for (let candidate = this.queue.pop(); candidate !== undefined; candidate = this.queue.pop()) {
      const pair = this.pairs[candidate.pair]!;
      if (candidate.count === pair.count) return pair.count >= Math.max(1, minFrequency) ? pair : undefined;
      if (pair.count > 0) this.queue.push({ pair: candidate.pair, count: pair.count });
    }
    return undefined;
  }

  /** Replace the pair by `joined` in every word. */
  join(pair: Pair, joined: number): void {
    const words = pair.words;
    pair.words = [];
    for (const word of words) this.joinInWord(word, pair.left, pair.right, joined);
    pair.count = 0;
    for (const index of this.grown) this.queue.push({ pair: index, count: this.pairs[index]!.count });
    this.grown.clear();
  }

  private goesBefore(a: Candidate, b: Candidate): boolean {
    if (a.count !== b.count) return a.count > b.count;
    const first = this.pairs[a.pair]!;
    const second = this.pairs[b.pair]!;
    return first.left !== second.left ? first.left < second.left : first.right < second.right;
  }

  private countPairs(): void {
    for (let word = 0; word < this.starts.length; word++) {
      const end = this.starts[word]! + this.lengths[word]!;
      for (let at = this.starts[word]! + 1; at < end; at++)
        this.add(this.symbols[at - 1]!, this.symbols[at]!, word);
    }
    for (const index of this.grown) this.queue.push({ pair: index, count: this.pairs[index]!.count });
    this.grown.clear();
  }

  private joinInWord(word: number, left: number, right: number, joined: number): void {
    const { symbols } = this;
    const start = this.starts[word]!;
    const end = start + this.lengths[word]!;
    let out = start;
    for (let at = start; at < end; at++) {
      if (symbols[at] !== left || at + 1 >= end || symbols[at + 1] !== right) {
        symbols[out++] = symbols[at]!;
        continue;
      }
      if (out > start) {
        this.remove(symbols[out - 1]!, left, word);
        this.add(symbols[out - 1]!, joined, word);
      }
      if (at + 2 < end) {
        this.remove(right, symbols[at + 2]!, word);
        this.add(joined, symbols[at + 2]!, word);
      }
      symbols[out++] = joined;
      at++;
    }
    this.lengths[word] = out - start;
  }

  private add(left: number, right: number, word: number): void {
    const key = left * this.base + right;
    let index = this.indexByKey.get(key);
    if (index === undefined) {
      index = this.pairs.length;
      this.indexByKey.set(key, index);
      this.pairs.push({ left, right, count: 0, words: [] });
    }
    const pair = this.pairs[index]!;
    pair.count += this.counts[word]!;
    if (pair.words[pair.words.length - 1] !== word) pair.words.push(word);
    this.grown.add(index);
  }

  private remove(left: number, right: number, word: number): void {
    const index = this.indexByKey.get(left * this.base + right);
    if (index !== undefined) this.pairs[index]!.count -= this.counts[word]!;
  }
}
