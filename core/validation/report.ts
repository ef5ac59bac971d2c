import type { Problem } from '../errors/index.js';

/** Takes a problem and goes on: all problems are told at once. */
export type Report = (problem: Problem) => void;
