import { BYTE_CHARACTERS } from './alphabet.js';
import { Heap } from './heap.js';

/** Vocabulary and merges of a byte-level BPE. */
export interface BpeModel {
  /** Token (in the byte alphabet) -> id. Holds the 256 single bytes. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs of ids in the order they were learnt, with the id of the joined token. */
  readonly merges: readonly BpeMerge[];
  /** A piece that is a token as a whole is taken without merging. */
  readonly ignoreMerges: boolean;
}

export interface BpeMerge {
  readonly left: number;
  readonly right: number;
  readonly joined: number;
}

const CACHED_PIECES = 100_000;
const CACHED_LENGTH = 64;
const POSITIONS = 2 ** 32;

/** Encodes pieces of text: bytes first, then the adjacent pair learnt earliest is joined until none is left. */
export class BpeEncoder {
  private readonly byteIds: Int32Array;
  /** left * base + right -> rank. */
  private readonly ranks = new Map<number, number>();
  private readonly cache = new Map<string, readonly number[]>();
  private readonly base: number;

  /** `base` is above every id. */
  constructor(private readonly model: BpeModel) {
    let highest = 0;
    for (const id of model.vocabulary.values()) highest = Math.max(highest, id);
    this.base = highest + 1;
    this.byteIds = Int32Array.from(BYTE_CHARACTERS, (character) => model.vocabulary.get(character)!);
    model.merges.forEach((merge, rank) => {
      const key = merge.left * this.base + merge.right;
      if (!this.ranks.has(key)) this.ranks.set(key, rank);
    });
  }

  /** Ids of one piece. Pieces repeat, so short ones are remembered. */
  encode(piece: string): readonly number[] {
    const known = this.cache.get(piece);
    if (known !== undefined) return known;
    const bytes = Buffer.from(piece, 'utf8');
    const ids = this.whole(bytes) ?? this.join(bytes);
    if (piece.length <= CACHED_LENGTH) {
      if (this.cache.size >= CACHED_PIECES) this.cache.clear();
      this.cache.set(piece, ids);
    }
    return ids;
  }

  private whole(bytes: Uint8Array): readonly number[] | undefined {
    if (!this.model.ignoreMerges) return undefined;
    const id = this.model.vocabulary.get(Array.from(bytes, (byte) => BYTE_CHARACTERS[byte]).join(''));
    return id === undefined ? undefined : [id];
  }

  /** Joins one pair at a time, lowest rank first and leftmost among equals, over a linked list of symbols. */
  private join(bytes: Uint8Array): readonly number[] {
    const length = bytes.length;
    const ids = Int32Array.from(bytes, (byte) => this.byteIds[byte]!);
    const next = Int32Array.from({ length }, (_, i) => i + 1);
    const previous = Int32Array.from({ length }, (_, i) => i - 1);
    const queue = new Heap<number>((a, b) => a < b);
    const offer = (at: number): void => {
      const rank = this.rankAt(ids, next, at);
      if (rank !== undefined) queue.push(rank * POSITIONS + at);
    };
    for (let at = 0; at + 1 < length; at++) offer(at);
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const rank = Math.floor(entry / POSITIONS);
      const at = entry - rank * POSITIONS;
      if (this.rankAt(ids, next, at) !== rank) continue;
      const taken = next[at]!;
      ids[at] = this.model.merges[rank]!.joined;
      ids[taken] = -1;
      next[at] = next[taken]!;
      if (next[at]! < length) previous[next[at]!] = at;
      if (previous[at]! >= 0) offer(previous[at]!);
      offer(at);
    }
    return Array.from(ids.filter((id) => id >= 0));
  }

  /** Rank of the pair that starts at a symbol; undefined when the symbol is gone, the last, or in no pair. */
  private rankAt(ids: Int32Array, next: Int32Array, at: number): number | undefined {
    const left = ids[at]!;
    const follower = next[at]!;
    if (left < 0 || follower >= ids.length) return undefined;
    return this.ranks.get(left * this.base + ids[follower]!);
  }
}
