import { Type } from '@sinclair/typebox';
import { defineTool, toolNameTag, type Tool } from '../../../core/contracts/tool.js';
import { manualsOf } from '../../../nn/curriculum/index.js';
import { Draw } from '../../../nn/random/index.js';
import { outcomeOf, Steps, ToolStop } from '../shared/outcome.js';
import { kindAt, partBySides, worded, type Sides, type Wordings } from '../shared/questions.js';
import { generatedDocuments, givenDocuments, type Document } from './corpus.js';
import { snippetOf, WordIndex, wordsOf } from './word-index.js';

const TAG = toolNameTag('search');

const Options = Type.Object(
  {
    documents: Type.Optional(
      Type.Array(Type.String({ pattern: '[\\p{L}\\p{N}]' }), {
        minItems: 1,
        description: 'Texts to search. Default: sentences about more than a thousand people of no country.',
      }),
    ),
  },
  { additionalProperties: false },
);

const WORDINGS: Wordings<string> = {
  train: [
    (query) => `Search for "${query}".`,
    (query) => `Who is "${query}"?`,
    (query) => `Find out about "${query}".`,
    (query) => `Look up "${query}".`,
    (query) => `What is known about "${query}"?`,
    (query) => `Tell me about "${query}".`,
    (query) => `I want to know who "${query}" is.`,
    (query) => `Please find "${query}".`,
    (query) => `Could you look up "${query}"?`,
    (query) => `Say something about "${query}".`,
    (query) => `What do people say of "${query}"?`,
    (query) => `I need facts about "${query}".`,
    (query) => `"${query}": who is that?`,
  ],
  things: [
    (query) => `facts about "${query}"`,
    (query) => `news of "${query}"`,
    (query) => `the person "${query}"`,
    (query) => `something about "${query}"`,
  ],
  'held-out': [
    (query) => `Have you heard of "${query}"?`,
    (query) => `Give me some facts on "${query}".`,
    (query) => `Please look for "${query}".`,
  ],
};

/** A corpus, made ready for searching. */
interface Corpus {
  readonly documents: readonly Document[];
  readonly words: WordIndex;
  readonly sides: Sides<Document>;
}

/** Ranks documents by BM25 and gives the best sentence of the best one. */
export const search = defineTool({
  name: 'search',
  description: 'Best sentence of a corpus for a query, ranked by BM25',
  options: Options,
  create: ({ documents }) => {
    let made: Corpus | null = null;
    const corpus = (): Corpus =>
      (made ??= corpusOf(documents === undefined ? generatedDocuments() : givenDocuments(documents)));
    const tool: Tool = {
      manual: {
        wordings: [
          `${TAG} finds facts about people. Give it the name.`,
          `To look somebody up call ${TAG} with the words.`,
          `Tool ${TAG}: give it words, get a fact.`,
          `Ask ${TAG} when a fact must be found.`,
          `Use ${TAG} to look up names, like Anna Hill.`,
          `Names are for ${TAG}: give it the words.`,
          `${TAG} looks up what you give it.`,
          `A name? Call ${TAG} with the words.`,
          `Let ${TAG} find facts.`,
          `You have ${TAG}, which knows facts about people.`,
          ...manualsOf(TAG, ['facts', 'people', 'what is known']),
        ],
        heldOut: [
          `Facts come from ${TAG}; hand over what you look for.`,
          `${TAG} takes some words and says what is known.`,
          `You can find things with ${TAG}.`,
        ],
        short: `${TAG}: facts`,
      },
      run: (args, limits) => outcomeOf(args, limits, () => find(args, corpus(), new Steps(limits))),
    };
    if (documents?.length === 1) return tool;
    return {
      ...tool,
      ask: (random, difficulty, side) => {
        const draw = new Draw(random);
        const query = kindAt(draw.pick(corpus().sides[side]).queries, difficulty);
        return worded(draw, WORDINGS, side, query, query);
      },
    };
  },
});

function corpusOf(documents: readonly Document[]): Corpus {
  const texts = documents.map(({ text }) => text);
  return { documents, words: new WordIndex(texts), sides: partBySides(documents, ({ text }) => text) };
}

function find(query: string, { documents, words }: Corpus, steps: Steps): string {
  const wanted = wordsOf(query);
  if (wanted.length === 0) throw new ToolStop('syntax', 'no words to search for');
  const best = words.best(wanted, steps);
  if (best === null) throw new ToolStop('not-found', 'no document has any of the words');
  return snippetOf(documents[best]!.text, wanted);
}
