import { itemOf, numberOf } from '../shared/questions.js';
import { FIRST_NAMES, JOBS, LAST_NAMES, THINGS, TOWNS } from '../shared/words.js';

/** A document and what to ask for to find it. */
export interface Document {
  readonly text: string;
  /** Shortest first. */
  readonly queries: readonly string[];
}

/** One sentence about each of more than a thousand people: "Anna Hill is a baker with 37 boats." */
export function generatedDocuments(): readonly Document[] {
  return FIRST_NAMES.flatMap((first) =>
    LAST_NAMES.map((last) => {
      const name = `${first} ${last}`;
      const job = itemOf(JOBS, 'job', name);
      return { text: `${name} is a ${job} ${detailOf(name)}.`, queries: [name, `${name} ${job}`] };
    }),
  );
}

/** Documents that somebody brings, to each of which its first three words lead. */
export function givenDocuments(documents: readonly string[]): readonly Document[] {
  return documents.map((text) => ({
    text,
    queries: [(text.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 3).join(' ')],
  }));
}

function detailOf(name: string): string {
  const count = numberOf(2, 99, 'count', name);
  return numberOf(0, 1, 'detail', name) === 0
    ? `with ${count} ${itemOf(THINGS, 'thing', name)}`
    : `of ${count} from ${itemOf(TOWNS, 'town', name)}`;
}
