import { totalmem } from 'node:os';
import type { Problem } from '../../../../core/errors/index.js';
import type { Needs } from './needs.js';

/** Of this machine, or of the container that the process is held in; bytes. */
export function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

/** What needs more memory than there is. @param told where it is asked for, what needs it and what to lower */
export function memoryProblem(
  { memoryBytes }: Needs,
  told: Pick<Problem, 'at' | 'message' | 'fix'>,
  totalMemory = memoryHere(),
): Problem[] {
  if (memoryBytes === null || memoryBytes <= totalMemory) return [];
  return [{ ...told, expected: `at most ${gigabytes(totalMemory)}`, found: gigabytes(memoryBytes) }];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
