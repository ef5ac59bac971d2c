import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, Decoder, Forward } from '../../core/contracts/architecture.js';
import type { TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { allLogits } from '../../nn/models/index.js';
import { zeros } from '../../nn/training/index.js';
import { toHost, toTfjs, type Tfjs } from '../cpu-tfjs.js';
import { expectClose, expectEqual, expectThat } from '../expect.js';

/** What the decoder of an architecture is tried with. */
export interface DecoderBench {
  readonly lib: Tfjs;
  readonly architecture: Architecture;
  readonly config: Record<string, unknown>;
  readonly weights: TensorDict;
  /** [ROWS, LENGTH] */
  readonly ids: Int32Array;
}

/** Where fresh weights are small, what a token leaves behind would be lost in the tolerance. */
const LIVELY = 8;

/** Texts of equal length, with what `forward` says after every token of each. */
class Reference {
  private constructor(
    readonly bench: DecoderBench,
    readonly decoder: Decoder,
    readonly texts: readonly (readonly number[])[],
    readonly params: TensorDict,
    private readonly whole: TensorDict,
  ) {}

  /** Null for an architecture that cannot decode: there is nothing to check. */
  static async of(bench: DecoderBench, length: number): Promise<Reference | null> {
    const { lib, architecture, config, ids } = bench;
    const { decoder } = architecture;
    if (decoder === undefined) return null;
    const texts = Array.from({ length: ids.length / length }, (_, row) => [
      ...ids.subarray(row * length, (row + 1) * length),
    ]);
    const params = lively(bench.weights);
    const said = lib.tidy(() => {
      const input = {
        ids: lib.tensor2d(ids, [texts.length, length], 'int32'),
        segments: lib.zeros([texts.length, length], 'int32') as Tensor2D,
      };
      return saidOf(lib, architecture.forward(config, toTfjs(lib, params), input));
    });
    return new Reference(bench, decoder, texts, params, await toHost(said));
  }

  /** A decoder that has read nothing of `rows` texts. @param longest of them, where that is said beforehand */
  begin(rows: number, longest?: number): Reading {
    return new Reading(this, rows, longest);
  }

  /** What was said in `row` must be what `forward` says of `text` after its first `read` tokens. */
  compare(said: TensorDict, row: number, text: number, read: number, tolerance: number): void {
    for (const [name, { shape, data }] of Object.entries(this.whole)) {
      const [, length, width] = shape as [number, number, number];
      const start = (text * length + read - 1) * width;
      expectClose(
        said[name]!.data.subarray(row * width, (row + 1) * width),
        data.subarray(start, start + width),
        tolerance,
        `${name} of row ${row} after ${read} tokens`,
      );
    }
  }
}

/** Logits and halting of every step, [B, T, V] and [B, T, 1]. */
function saidOf(lib: Tfjs, pass: Pick<Forward, 'features' | 'head' | 'halting'>): TensorMap {
  return Object.fromEntries([
    ...allLogits(pass).map((logits, k): [string, Tensor] => [`logits of step ${k}`, lib.clone(logits)]),
    ...pass.halting.map((l, k): [string, Tensor] => [`halting of step ${k}`, lib.expandDims(l, 2)]),
  ]);
}

function lively(weights: TensorDict): TensorDict {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => {
      const data = Float32Array.from(tensor.data);
      const constant = data.every((value) => value === data[0]);
      return [name, constant ? tensor : { ...tensor, data: data.map((value) => value * LIVELY) }];
    }),
  );
}

/** Texts that are being read. */
class Reading {
  state: TensorDict;

  constructor(
    private readonly reference: Reference,
    private readonly rows: number,
    longest?: number,
  ) {
    this.state = zeros(reference.decoder.carried(reference.bench.config, rows, longest));
  }

  /** @param tokens per row at most `width` */
  async read(tokens: readonly (readonly number[])[], width: number): Promise<TensorDict> {
    const { bench, decoder, params } = this.reference;
    const { lib, config } = bench;
    const ids = new Int32Array(this.rows * width);
    tokens.forEach((row, i) => ids.set(row, i * width));
    const results = lib.tidy(() => {
      const decoded = decoder.decode(config, toTfjs(lib, params), toTfjs(lib, this.state), {
        ids: lib.tensor2d(ids, [this.rows, width], 'int32'),
        counts: lib.tensor1d(
          tokens.map((row) => row.length),
          'int32',
        ) as Tensor1D,
      });
      const state = Object.entries(decoded.state).map(([name, x]): [string, Tensor] => [
        `carried ${name}`,
        lib.clone(x),
      ]);
      return { ...saidOf(lib, decoded), ...Object.fromEntries(state) };
    });
    const said = await toHost(results);
    const next: TensorDict = {};
    for (const [name, { shape, dtype }] of Object.entries(this.state)) {
      const found = said[`carried ${name}`];
      expectThat(found !== undefined, `decode gives no ${name}, which is carried`);
      expectEqual([found.dtype, ...found.shape], [dtype, ...shape], `carried ${name}`);
      next[name] = found;
    }
    this.state = next;
    return said;
  }
}

async function everyPosition(bench: DecoderBench, length: number, tolerance: number): Promise<void> {
  const reference = await Reference.of(bench, length);
  if (reference === null) return;
  const { texts } = reference;
  const limit = reference.decoder.limit(bench.config);
  expectThat(limit === null || limit >= length, `the conformance rows have ${length} tokens`);
  const reading = reference.begin(texts.length);
  for (let read = 0; read < length; read++) {
    const said = await reading.read(
      texts.map((text) => [text[read]!]),
      1,
    );
    texts.forEach((_, row) => {
      reference.compare(said, row, row, read + 1, tolerance);
    });
  }
}

/** Ways to cut twelve tokens; pieces of one size are read by one program. */
const PIECES = [[12], [1, 11], [11, 1], [5, 1, 5, 1], [3, 3, 3, 3]] as const;

async function anyPieces(bench: DecoderBench, length: number, tolerance: number): Promise<void> {
  const reference = await Reference.of(bench, length);
  if (reference === null) return;
  for (const pieces of PIECES) {
    const reading = reference.begin(reference.texts.length);
    let read = 0;
    for (const width of pieces) {
      const said = await reading.read(
        reference.texts.map((text) => text.slice(read, read + width)),
        width,
      );
      read += width;
      reference.texts.forEach((_, row) => {
        reference.compare(said, row, row, read, tolerance);
      });
    }
  }
}

/** How many tokens each of three rows gets, pass by pass, and how many a pass has room for. */
const UNEVEN = [
  { counts: [4, 2, 0], width: 4 },
  { counts: [1, 1, 0], width: 1 },
  { counts: [0, 3, 5], width: 5 },
  { counts: [1, 0, 1], width: 1 },
] as const;

async function unevenRows(
  bench: DecoderBench,
  length: number,
  check: (pass: {
    readonly reference: Reference;
    readonly said: TensorDict;
    readonly before: TensorDict;
    readonly after: TensorDict;
    readonly counts: readonly number[];
    readonly read: readonly number[];
  }) => void,
): Promise<void> {
  const reference = await Reference.of(bench, length);
  if (reference === null) return;
  const { texts } = reference;
  const reading = reference.begin(3);
  const read = [0, 0, 0];
  for (const { counts, width } of UNEVEN) {
    const before = reading.state;
    const tokens = counts.map((count, row) => {
      const text = texts[row % texts.length]!;
      return text.slice(read[row]!, (read[row]! += count));
    });
    const said = await reading.read(tokens, width);
    check({ reference, said, before, after: reading.state, counts, read });
  }
}

function unevenLengths(bench: DecoderBench, length: number, tolerance: number): Promise<void> {
  return unevenRows(bench, length, ({ reference, said, counts, read }) => {
    counts.forEach((count, row) => {
      if (count > 0) reference.compare(said, row, row % reference.texts.length, read[row]!, tolerance);
    });
  });
}

function keepsState(bench: DecoderBench, length: number): Promise<void> {
  return unevenRows(bench, length, ({ before, after, counts }) => {
    for (const [name, { data, shape }] of Object.entries(before)) {
      expectThat(shape[0] === counts.length, `the first axis of carried ${name} is not the row`);
      const share = data.length / counts.length;
      counts.forEach((count, row) => {
        const part = ({ data: all }: { data: ArrayLike<number> }): number[] =>
          Array.from({ length: share }, (_, i) => all[row * share + i]!);
        if (count === 0)
          expectEqual(part(after[name]!), part({ data }), `carried ${name} of row ${row} without new tokens`);
      });
    }
  });
}

/** Lengths that are said beforehand, and how texts of them are cut; the last pass has room for more than they have. */
const FORESEEN = [
  { longest: 1, pieces: [1] },
  { longest: 5, pieces: [1, 1, 1, 1, 1] },
  { longest: 5, pieces: [2, 3] },
  { longest: 9, pieces: [4, 1, 4] },
] as const;
const SPARE = 8;

/** The first row is as long as was said, the second one token shorter. */
async function foreseenLengths(bench: DecoderBench, length: number, tolerance: number): Promise<void> {
  const reference = await Reference.of(bench, length);
  if (reference === null) return;
  const { texts } = reference;
  for (const { longest, pieces } of [...FORESEEN, { longest: length, pieces: [length - 1, 1] }]) {
    const reading = reference.begin(2, longest);
    let read = 0;
    for (const [i, piece] of pieces.entries()) {
      const isLast = i === pieces.length - 1;
      const ends = [read + piece, read + piece - (isLast ? 1 : 0)];
      const tokens = ends.map((end, row) => texts[row % texts.length]!.slice(read, end));
      const said = await reading.read(tokens, piece > 1 && isLast ? piece + SPARE : piece);
      tokens.forEach((given, row) => {
        if (given.length > 0) reference.compare(said, row, row % texts.length, ends[row]!, tolerance);
      });
      read += piece;
    }
  }
}

/** What reading token by token must be: the same as `forward`. An architecture without a decoder passes. */
export function decoderChecks(
  length: number,
  tolerance: number,
): Record<string, (bench: DecoderBench) => Promise<void>> {
  return {
    'decodes the logits of forward at every position': (bench) => everyPosition(bench, length, tolerance),
    'reads a text in any pieces': (bench) => anyPieces(bench, length, tolerance),
    'reads rows of different lengths side by side': (bench) => unevenLengths(bench, length, tolerance),
    'reads texts whose length was said beforehand': (bench) => foreseenLengths(bench, length, tolerance),
    'keeps what is carried of a row without new tokens': (bench) => keepsState(bench, length),
  };
}
