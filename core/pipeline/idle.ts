import { ForgeError } from '../../errors/index.js';

/**
 * Wait for work, and notice when it can never finish: Node emits `beforeExit` when nothing is left that could settle
 * the promise, and would otherwise exit without a word.
 * @param pending what is being waited for, in words
 * @throws ForgeError AF_PHASE_NEVER_SETTLED
 */
export async function orNeverSettles<T>(work: Promise<T>, pending: () => string): Promise<T> {
  let onIdle: () => void = () => undefined;
  const idle = new Promise<never>((_, reject) => {
    onIdle = () => {
      reject(
        new ForgeError('AF_PHASE_NEVER_SETTLED', `${pending()} waits for something that can never happen.`, {
          at: pending(),
          fix: 'A promise in it is never resolved or rejected: look for a missing await, callback or resolve().',
        }),
      );
    };
    process.once('beforeExit', onIdle);
  });
  try {
    return await Promise.race([work, idle]);
  } finally {
    process.removeListener('beforeExit', onIdle);
  }
}
