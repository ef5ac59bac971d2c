import type { Kind } from '../problem.js';
import { BAGS } from './bags.js';
import { ORDER } from './order.js';
import { TRUTH } from './truth.js';

/** Orders, truth through negations, and weighing of two possibilities by evidence. */
export const LOGIC: readonly Kind[] = [ORDER, TRUTH, BAGS];
