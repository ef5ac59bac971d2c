import { haltingOfSteps, logitsOfSteps, type LastPosition } from '../../nn/generation/answers.js';
import { Decoding } from '../../nn/generation/decoding.js';
import type { RowsReader, WritingModel } from '../../nn/generation/rows-reader.js';
import { WindowRows } from '../../nn/generation/window-rows.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { median, milliseconds } from '../timing.js';

/** Medians; the new way's figures are null for an architecture without a decoder. */
export interface DecodingReport {
  readonly oldTokensPerSecond: number;
  readonly newTokensPerSecond: number | null;
  /** How many times faster the new way is. */
  readonly ratio: number | null;
  /** Reading the texts before, tokens of all rows per second. */
  readonly promptTokensPerSecond: number | null;
  /** Nodes of the graph that reads one token of every row. */
  readonly nodes: number | null;
  /** What is carried between tokens. */
  readonly carriedBytes: number | null;
}

/** Passes over the whole window, and tokens read after each of them. */
const WINDOW_PASSES = 6;
const TOKENS_PER_PASS = 12;
/** The window is read fewer times where that takes longer in all. */
const MOST_SECONDS = 8;

const outputs = (said: LastPosition): TensorMap => ({ logits: logitsOfSteps(said), ...haltingOfSteps(said) });

/** Time the next token of `rows` texts after `context` tokens, both ways in turns. */
export async function measureDecoding(
  model: WritingModel,
  rows: number,
  context: number,
): Promise<DecodingReport> {
  const { decoder } = model.architecture;
  const window = await WindowRows.create(model, rows, context, outputs);
  const decoding = decoder === undefined ? null : await Decoding.create(model, decoder, rows, outputs);
  try {
    const texts = textsOf(model, rows, context);
    const [oldMs, newMs] = await inTurns(window, decoding, texts);
    const rate = (ms: number): number => (rows / ms) * 1000;
    return {
      oldTokensPerSecond: rate(oldMs),
      newTokensPerSecond: newMs === null ? null : rate(newMs),
      ratio: newMs === null ? null : oldMs / newMs,
      promptTokensPerSecond: decoding === null ? null : await readingRate(decoding, texts),
      nodes: (await decoding?.stepInfo())?.nodes ?? null,
      carriedBytes: decoding?.carriedBytes ?? null,
    };
  } finally {
    await window.dispose();
    await decoding?.dispose();
  }
}

/** @returns median milliseconds of a pass over the window, and of a token */
async function inTurns(
  window: WindowRows,
  decoding: Decoding | null,
  texts: readonly (readonly number[])[],
): Promise<[number, number | null]> {
  const whole = async (): Promise<void> => {
    await window.forget();
    await window.read(texts);
  };
  const steps = WINDOW_PASSES * TOKENS_PER_PASS + 1;
  let next = Math.max(1, texts[0]!.length - steps);
  const token = async (): Promise<void> => {
    await decoding!.read(texts.map((text) => [text[next % text.length]!]));
    next++;
  };
  if (decoding !== null) {
    await decoding.read(texts.map((text) => text.slice(0, next)));
    await token();
  }
  await whole();
  const [passes, tokens]: [number[], number[]] = [[], []];
  const deadline = performance.now() + MOST_SECONDS * 1000;
  for (let i = 0; i < WINDOW_PASSES && (i === 0 || performance.now() < deadline); i++) {
    passes.push(await milliseconds(whole));
    if (decoding !== null) for (let k = 0; k < TOKENS_PER_PASS; k++) tokens.push(await milliseconds(token));
  }
  return [median(passes), decoding === null ? null : median(tokens)];
}

async function readingRate(reader: RowsReader, texts: readonly (readonly number[])[]): Promise<number> {
  const read = async (): Promise<void> => {
    await reader.forget();
    await reader.read(texts);
  };
  await read();
  const ms = await milliseconds(read);
  return (texts.reduce((sum, { length }) => sum + length, 0) / ms) * 1000;
}

/** Ids that differ from row to row. */
function textsOf({ architecture, config }: WritingModel, rows: number, length: number): number[][] {
  const vocabulary = architecture.vocabularySize(config);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_, i) => (i * i * 7 + 3 * i + row) % vocabulary),
  );
}
