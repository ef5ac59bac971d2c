import type { Steps } from '../shared/outcome.js';

/** Term saturation and length normalisation, the usual values (Robertson and Zaragoza 2009, section 3.5). */
const K1 = 1.2;
const B = 0.75;

/** How often a word stands in a document. */
interface Posting {
  readonly document: number;
  readonly count: number;
}

/** Words of a text: runs of letters and digits, in lower case. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** An inverted index ranked by BM25 (Robertson and Zaragoza 2009, equation 3.15). */
export class WordIndex {
  private readonly postings = new Map<string, Posting[]>();
  private readonly lengths: readonly number[];
  private readonly meanLength: number;

  constructor(documents: readonly string[]) {
    this.lengths = documents.map((text, document) => {
      const words = wordsOf(text);
      for (const [word, count] of counted(words)) {
        const known = this.postings.get(word);
        if (known === undefined) this.postings.set(word, [{ document, count }]);
        else known.push({ document, count });
      }
      return words.length;
    });
    const total = this.lengths.reduce((sum, length) => sum + length, 0);
    this.meanLength = Math.max(1, total / Math.max(1, documents.length));
  }

  /**
   * The document with the highest score, of equal ones the first; null where no document has any of the words.
   * @param steps one for each posting that is looked at
   */
  best(query: readonly string[], steps: Steps): number | null {
    const scores = new Map<number, number>();
    for (const word of new Set(query)) {
      const postings = this.postings.get(word) ?? [];
      steps.take(1 + postings.length);
      const rarity = this.rarityOf(postings.length);
      for (const { document, count } of postings)
        scores.set(document, (scores.get(document) ?? 0) + rarity * this.weightOf(document, count));
    }
    let best: number | null = null;
    for (const [document, score] of scores) {
      const before = best === null ? -Infinity : scores.get(best)!;
      if (score > before || (score === before && document < best!)) best = document;
    }
    return best;
  }

  /** Inverse document frequency, with 1 added inside of the logarithm so that no word counts against a document. */
  private rarityOf(documents: number): number {
    return Math.log(1 + (this.lengths.length - documents + 0.5) / (documents + 0.5));
  }

  private weightOf(document: number, count: number): number {
    const length = this.lengths[document]! / this.meanLength;
    return (count * (K1 + 1)) / (count + K1 * (1 - B + B * length));
  }
}

/** The sentence of a document that has most of the words, of equal ones the first. */
export function snippetOf(document: string, query: readonly string[]): string {
  const wanted = new Set(query);
  const sentences = document.split(/(?<=[.!?])\s+/);
  const hits = sentences.map(
    (sentence) => new Set(wordsOf(sentence).filter((word) => wanted.has(word))).size,
  );
  return sentences[hits.indexOf(Math.max(...hits))]!.trim();
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
