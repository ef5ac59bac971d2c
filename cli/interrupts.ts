import { EXIT } from './exit-codes.js';
import type { CliIo } from './io.js';

const PAUSING =
  'Stopping: the step at hand is finished and a checkpoint saved first. Ctrl-C again quits at once.';

/** Ctrl-C while work is under way: the first asks for a pause, the second ends the process. */
export interface Interrupts {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Stop listening. */
  release(): void;
}

/** @param notice what to say at the first Ctrl-C */
export function listenToInterrupts(io: CliIo, notice = PAUSING): Interrupts {
  const controller = new AbortController();
  const release = io.onInterrupt(() => {
    if (controller.signal.aborted) {
      io.quit(EXIT.interrupted);
      return;
    }
    io.stderr.write(`\n${notice}\n`);
    controller.abort();
  });
  return { signal: controller.signal, release };
}
