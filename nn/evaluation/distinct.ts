/**
 * Distinct-n: different n-grams over all n-grams of the sequences together (Li et al. 2016, A Diversity-Promoting Objective
 * Function for Neural Conversation Models, divide by words; over n-grams a text without repetition has 1, however short).
 *
 * @param sequences words or token ids; no n-gram reaches from one into the next
 * @param n at least 1
 * @returns 0 to 1; null where no sequence has n members
 */
export function distinctShare(
  sequences: readonly (readonly (string | number)[])[],
  n: number,
): number | null {
  const known = new Set<string>();
  let count = 0;
  for (const sequence of sequences) {
    for (let at = 0; at + n <= sequence.length; at++) {
      known.add(JSON.stringify(sequence.slice(at, at + n)));
      count++;
    }
  }
  return count === 0 ? null : known.size / count;
}
