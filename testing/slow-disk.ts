import { setImmediate } from 'node:timers/promises';
import { stream } from '../nn/random/index.js';
import type { FileSystem } from '../storage/file-system.js';
import { faultyDisk } from './faulty-disk.js';

/** How much slower than others one kind of call may be on a disk. */
const SLOWEST = 2 ** 9;

/**
 * A disk that takes its time: every call waits for a random while of a clock of its own, some kinds of calls (all reads,
 * all writes, ...) for far longer than others, and reads and writes are done in pieces. Calls are carried out one at a
 * time in the order in which their waiting ends, so that a seed always gives the same order and nobody really waits.
 *
 * Whatever reads ahead or writes behind is tested on it: on a fast disk a write is over before its bytes are touched
 * again.
 *
 * @param seed decides how long each call takes, and how it is cut
 */
export function slowDisk(seed: number, disk?: FileSystem): FileSystem {
  const random = stream(seed, 'slow disk');
  const paces = new Map<string, number>();
  const clock = new Clock();
  const delayOf = (operation: string): number => {
    const pace = paces.get(operation) ?? SLOWEST ** random.uniform();
    paces.set(operation, pace);
    return pace * random.uniform();
  };
  return faultyDisk(
    {
      carryOut: ({ operation }, work) => clock.after(delayOf(operation), work),
      take: (_, length) => (random.uniform() < 0.3 ? length : 1 + random.integer(length)),
    },
    disk,
  );
}

interface Waiting {
  readonly due: number;
  readonly start: () => Promise<void>;
}

/** A clock that stands still while anything is done, and jumps to what is due next. */
class Clock {
  private now = 0;
  private isRunning = false;
  private readonly waiting: Waiting[] = [];

  /** Do the work once its time has come. */
  after<T>(delay: number, work: () => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      const start = (): Promise<void> => work().then(resolve, reject);
      this.waiting.push({ due: this.now + delay, start });
    });
    void this.run();
    return done;
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    for (;;) {
      // Whoever got an answer goes on and asks for more before the next call is chosen.
      await setImmediate();
      const next = this.waiting.reduce<Waiting | undefined>(
        (first, each) => (first === undefined || each.due < first.due ? each : first),
        undefined,
      );
      if (next === undefined) break;
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.now = next.due;
      await next.start();
    }
    this.isRunning = false;
  }
}
