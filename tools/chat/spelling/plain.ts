import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import { frontIds } from './question.js';
import type { Spelling } from './spelling.js';
import { TypedText } from './typed.js';

/** Text to be continued: what is typed stands as it is, each answer follows it and is closed by a line end. */
export function plainSpelling(tokenizer: Tokenizer): Spelling {
  const typed = new TypedText(tokenizer);
  const start = tokenizer.special.bos ?? tokenizer.special.eos ?? 0;
  return {
    kind: 'plain',
    stops: [],
    spell: (front, turns, question) => ({
      text: `${turns.map((turn) => `${turn.question}${turn.answer}\n`).join('')}${question}`,
      ids: [
        start,
        ...frontIds(front, tokenizer, typed),
        ...turns.flatMap((turn) => [
          ...typed.ids(turn.question),
          ...typed.ids(turn.answer),
          ...tokenizer.encode('\n'),
        ]),
        ...typed.ids(question),
      ],
    }),
  };
}
