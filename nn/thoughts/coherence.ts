import type { TextRows } from './positions.js';
import { logicalConsistency } from './claims.js';

/** What a thought is judged by, each in [0, 1]. */
export interface CoherenceDimensions {
  /** (1 + cos(mean feature of the thought, h0[j])) / 2 */
  readonly semantic: number;
  /** sigmoid((mean ln p(c) - mu) / sigma) less the share of repeated pairs, 1/2 without tokens; the same as `fluency`. */
  readonly syntactic: number;
  /** sigmoid((ln p(x_(j+1)) with - without) / 0.5) */
  readonly predictive: number;
  /** Share of the claims about numbers that hold; 1/2 without any. */
  readonly logical: number;
  /** Share of the thought's tokens, by their weight, that the text before it has. */
  readonly relevance: number;
  readonly fluency: number;
}

export type CoherenceWeights = Readonly<Partial<Record<keyof CoherenceDimensions, number>>>;

/** Both published weightings: A drives training, B is logged and decides which thoughts are valid. */
export const COHERENCE_SCHEMES = {
  A: { semantic: 0.4, syntactic: 0.3, predictive: 0.3 },
  B: { semantic: 0.3, logical: 0.3, relevance: 0.25, fluency: 0.15 },
} as const satisfies Record<string, CoherenceWeights>;

/** A thought is valid from this much of scheme B on. */
export const VALID_COHERENCE = 0.7;

/** The weighted sum of dimensions. */
export function coherence(dimensions: CoherenceDimensions, weights: CoherenceWeights): number {
  return Object.entries(weights).reduce(
    (sum, [name, weight]) => sum + weight * dimensions[name as keyof CoherenceDimensions],
    0,
  );
}

/** What real text is like under the frozen model: fitted once, kept with the model. */
export interface CoherenceStatistics {
  /** Mean over pieces of text as long as a thought of their mean ln p per token, nats. */
  readonly mu: number;
  /** Spread of the same. */
  readonly sigma: number;
  /** [V]: ln((1 + D) / (1 + documents with the id)) + 1 */
  readonly idf: Float32Array;
}

/** What the frozen model measured of one thought, see `ThoughtMeasures`. */
export interface ThoughtSignals {
  readonly cosine: number;
  readonly logProbability: number;
  /** ln p(x_(j+1)) with the thought less that without it, nats. */
  readonly gain: number;
}

/** One thought and the text it was made of. */
export interface JudgedThought {
  /** Its tokens without markers. */
  readonly ids: ArrayLike<number>;
  /** Ids of the document up to the place. */
  readonly context: ArrayLike<number>;
  /** The thought as text, for its claims; without it nothing can be checked. */
  readonly text?: string;
}

/** Scale of log-probability gains, nats. */
const GAIN_SCALE = 0.5;

/** Judge a thought by computed numbers alone; nothing here is learnt and no gradient passes. */
export function judgeThought(
  signals: ThoughtSignals,
  thought: JudgedThought,
  statistics: CoherenceStatistics,
): CoherenceDimensions {
  const distance = (signals.logProbability - statistics.mu) / statistics.sigma;
  // Of no tokens nothing can be said; their mean of 0 would be that of certain ones.
  const typical = thought.ids.length === 0 ? 0.5 : sigmoid(distance);
  const fluency = Math.max(0, typical - repetition(thought.ids));
  return {
    semantic: (1 + signals.cosine) / 2,
    syntactic: fluency,
    predictive: sigmoid(signals.gain / GAIN_SCALE),
    logical: logicalConsistency(thought.text ?? ''),
    relevance: relevance(thought, statistics.idf),
    fluency,
  };
}

/** Share of the pairs of neighbouring ids that have been there before in the thought. */
export function repetition(ids: ArrayLike<number>): number {
  const pairs = Array.from({ length: Math.max(0, ids.length - 1) }, (_, i) => `${ids[i]!} ${ids[i + 1]!}`);
  return pairs.length === 0 ? 0 : 1 - new Set(pairs).size / pairs.length;
}

function relevance({ ids, context }: JudgedThought, idf: Float32Array): number {
  const known = new Set(Array.from(context));
  let [shared, all] = [0, 0];
  for (const id of new Set(Array.from(ids))) {
    const weight = idf[id] ?? 0;
    all += weight;
    if (known.has(id)) shared += weight;
  }
  return all === 0 ? 0 : shared / all;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Real text with what the frozen model makes of it, row-major; `nll` as `textMeasuresSource` gives it. */
export interface MeasuredText extends TextRows {
  /** [B L] */
  readonly nll: Float32Array;
}

/** Least spread of pieces of text: fewer pieces than two have none. */
const LEAST_SIGMA = 1e-3;

/**
 * Fit what real text is like.
 *
 * @param base L, tokens per row
 * @param length T, tokens of a thought: pieces of text are as long, and do not overlap
 */
export function fitCoherence(
  texts: readonly MeasuredText[],
  {
    base,
    length,
    vocabulary,
  }: { readonly base: number; readonly length: number; readonly vocabulary: number },
): CoherenceStatistics {
  const pieces: number[] = [];
  const containing = new Float64Array(vocabulary);
  let documents = 0;
  for (const text of texts) {
    for (const [first, end] of documentsOf(text, base)) {
      documents++;
      for (const id of new Set(text.ids.subarray(first, end))) containing[id]!++;
      pieces.push(...piecesOf(text, first, end, length));
    }
  }
  const mu = mean(pieces);
  const sigma = Math.sqrt(mean(pieces.map((piece) => (piece - mu) ** 2)));
  return {
    mu,
    sigma: Math.max(sigma, LEAST_SIGMA),
    idf: Float32Array.from(containing, (count) => Math.log((1 + documents) / (1 + count)) + 1),
  };
}

/** First and end of every run of one segment that predicts something; padding is none. */
function documentsOf({ segments, targets }: TextRows, base: number): [number, number][] {
  const found: [number, number][] = [];
  let first = 0;
  for (let i = 1; i <= segments.length; i++) {
    if (i < segments.length && i % base !== 0 && segments[i] === segments[first]) continue;
    if (targets.subarray(first, i).some((target) => target >= 0)) found.push([first, i]);
    first = i;
  }
  return found;
}

/** Mean ln p of each run of `length` predicted tokens. */
function piecesOf({ targets, nll }: MeasuredText, first: number, end: number, length: number): number[] {
  const pieces: number[] = [];
  let run: number[] = [];
  for (let i = first; i < end; i++) {
    run = targets[i]! < 0 ? [] : [...run, -nll[i]!];
    if (run.length < length) continue;
    pieces.push(mean(run));
    run = [];
  }
  return pieces;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
