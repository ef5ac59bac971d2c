/** Least number of insertions, deletions and substitutions that make one sequence of ids the other (Levenshtein 1966). */
export function levenshtein(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substitution = row[j]! + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(substitution, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The distance by the length of the longer sequence: 0 for equal ones (two empty ones too), 1 for nothing in common. */
export function normalisedLevenshtein(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 0 : levenshtein(a, b) / longer;
}

/** Mean edit distance over all pairs, in ids; null for fewer than two sequences. */
export function meanPairwiseDistance(sequences: readonly ArrayLike<number>[]): number | null {
  let [sum, pairs] = [0, 0];
  for (const [i, a] of sequences.entries()) {
    for (const b of sequences.slice(i + 1)) {
      sum += levenshtein(a, b);
      pairs++;
    }
  }
  return pairs === 0 ? null : sum / pairs;
}

/** Share of the ids that stood in the sequence before: 0 where each is new, near 1 for one repeated; null when empty. */
export function repetitionRatio(ids: readonly number[]): number | null {
  return ids.length === 0 ? null : 1 - new Set(ids).size / ids.length;
}

/** Entropy of how often each id occurs, nats: 0 where all are one; null when empty. */
export function idEntropy(ids: Iterable<number>): number | null {
  const counts = new Map<number, number>();
  let total = 0;
  for (const id of ids) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    total++;
  }
  if (total === 0) return null;
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / total) * Math.log(count / total);
  return Math.max(0, entropy);
}
