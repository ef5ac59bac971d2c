/**
 * The tags of written-out thoughts, in the order of their ids behind a vocabulary. In a text they are literal; a
 * tokenizer that knows them makes each one token.
 * - `<think>` opens a thought, `</think>` closes it; what follows is meant for the reader.
 * - `<step>` one conclusion of a chain of thought, or the result itself.
 * - `<reason>` a line of argument: weights of candidates after a piece of evidence, or one of two views of a problem.
 * - `<mece>` one of the parts that a problem is cut into: mutually exclusive, collectively exhaustive.
 * - `<falsify>` a candidate with what contradicts it.
 * - `<expert>` the rule of the field that is applied next.
 * - `<doubt>` a check of the result.
 */
export const THOUGHT_TAGS = [
  '<think>',
  '</think>',
  '<step>',
  '<reason>',
  '<mece>',
  '<falsify>',
  '<expert>',
  '<doubt>',
] as const;

export type ThoughtTag = (typeof THOUGHT_TAGS)[number];
