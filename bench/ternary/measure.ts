import { haltingOfSteps, logitsOfSteps, type LastPosition } from '../../nn/generation/answers.js';
import { Decoding } from '../../nn/generation/decoding.js';
import type { WritingModel } from '../../nn/generation/rows-reader.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { median, milliseconds } from '../timing.js';

/** Tokens of each text that are read at once, and most that it has in all, as texts are written in batches. */
const PROMPT = 128;
const LONGEST = 256;
const ROUNDS = 7;
const TOKENS_PER_ROUND = 8;
/** Fewer rounds where they take longer in all. */
const MOST_SECONDS = 6;

const outputs = (said: LastPosition): TensorMap => ({ logits: logitsOfSteps(said), ...haltingOfSteps(said) });

/** Rates of one way to compute, medians over all rounds, tokens of all rows per second. */
export interface Rates {
  readonly decodeTokensPerSecond: number;
  readonly prefillTokensPerSecond: number;
  /** Nodes of the graph that reads one token of every row. */
  readonly nodes: number | null;
  readonly carriedBytes: number;
  /** What the process grew by while it was opened, compiled and run; null where it shrank. */
  readonly grownBytes: number | null;
}

interface Timed {
  readonly decoding: Decoding;
  readonly decode: number[];
  readonly prefill: number[];
  readonly grownBytes: number | null;
}

/** Time both ways in turns on the same machine. @returns rates in the order of the models */
export async function measureRates(models: readonly WritingModel[], rows: number): Promise<Rates[]> {
  const timed: Timed[] = [];
  try {
    for (const model of models) timed.push(await open(model, rows));
    const { architecture, config } = models[0]!;
    const prompt = textsOf(architecture.vocabularySize(config), rows, PROMPT);
    const token = prompt.map((ids) => [ids[0]!]);
    const deadline = performance.now() + MOST_SECONDS * 1000;
    for (let round = 0; round < ROUNDS && (round < 2 || performance.now() < deadline); round++)
      for (const { decoding, decode, prefill } of timed) {
        await decoding.forget();
        prefill.push(await milliseconds(() => read(decoding, prompt)));
        // The first after another program finds caches that are not its own, as no token of a text does.
        await read(decoding, token);
        for (let i = 0; i < TOKENS_PER_ROUND; i++)
          decode.push(await milliseconds(() => read(decoding, token)));
      }
    return await Promise.all(timed.map((each) => ratesOf(each, rows)));
  } finally {
    for (const { decoding } of timed) await decoding.dispose();
  }
}

async function open(model: WritingModel, rows: number): Promise<Timed> {
  const before = process.memoryUsage().rss;
  const decoding = await Decoding.create(model, model.architecture.decoder!, rows, outputs, {
    longest: LONGEST,
  });
  const prompt = textsOf(model.architecture.vocabularySize(model.config), rows, PROMPT);
  await read(decoding, prompt);
  await read(decoding, prompt.map((ids) => [ids[0]!])); // prettier-ignore
  const grown = process.memoryUsage().rss - before;
  return { decoding, decode: [], prefill: [], grownBytes: grown > 0 ? grown : null };
}

async function read(decoding: Decoding, tokens: readonly (readonly number[])[]): Promise<void> {
  await decoding.read(tokens);
}

async function ratesOf({ decoding, decode, prefill, grownBytes }: Timed, rows: number): Promise<Rates> {
  return {
    decodeTokensPerSecond: (rows / median(decode)) * 1000,
    prefillTokensPerSecond: ((rows * PROMPT) / median(prefill)) * 1000,
    nodes: (await decoding.stepInfo()).nodes,
    carriedBytes: decoding.carriedBytes,
    grownBytes,
  };
}

/** Ids that differ from row to row. */
function textsOf(vocabulary: number, rows: number, length: number): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_, i) => (i * i * 7 + 3 * i + row) % vocabulary),
  );
}
