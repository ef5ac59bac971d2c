import { ANSWER_CUE, questionLine, turnText } from '../../../core/contracts/question.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import type { Front, Spelling } from './spelling.js';
import { TypedText } from './typed.js';

/**
 * As the models of this project learnt it: the start of a document, lines in front, a line with the question, and the
 * beginning of the answer. A single question has the very ids that it is trained with; earlier turns stand in front of it in
 * the same form, each answer closed by a line end.
 */
export function questionSpelling(tokenizer: Tokenizer): Spelling {
  const typed = new TypedText(tokenizer);
  const { bos } = tokenizer.special;
  return {
    kind: 'question',
    stops: [`\n${questionLine('').trimEnd()}`],
    spell: (front, turns, question) => {
      const earlier = turns.map((turn) => turnText(turn.question, turn.answer));
      return {
        text: `${earlier.join('')}${questionLine(question)}${ANSWER_CUE}`,
        ids: [
          ...(bos === null ? [] : [bos]),
          ...frontIds(front, tokenizer, typed),
          ...earlier.flatMap((turn) => typed.ids(turn)),
          ...typed.ids(questionLine(question)),
          ...tokenizer.encode(ANSWER_CUE),
        ],
      };
    },
  };
}

/** Lines in front of everything. A system text is one line, as manuals are. */
export function frontIds(
  { persona, system, manuals }: Front,
  tokenizer: Tokenizer,
  typed: TypedText,
): number[] {
  const tagged = (line: string): number[] => tokenizer.encode(line, { specials: true });
  return [
    ...(persona === '' ? [] : tagged(persona)),
    ...(system === null ? [] : typed.ids(`${oneLine(system)}\n`)),
    ...manuals.flatMap(tagged),
  ];
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
