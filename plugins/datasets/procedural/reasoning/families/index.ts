import type { Family, Kind } from '../problem.js';
import { ARITHMETIC } from './arithmetic.js';
import { CODE } from './code.js';
import { LOGIC } from './logic.js';
import { LOOKUP } from './lookup.js';
import { SEQUENCES } from './sequences.js';
import { WORD_PROBLEMS } from './word-problems.js';

export const KINDS: Readonly<Record<Family, readonly Kind[]>> = {
  arithmetic: ARITHMETIC,
  'word-problems': WORD_PROBLEMS,
  logic: LOGIC,
  sequences: SEQUENCES,
  code: CODE,
  lookup: LOOKUP,
};
