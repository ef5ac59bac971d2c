import { appendFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sink, SinkContext } from '../../core/contracts/sink.js';
import { sinkConformance } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

describe('a sink that does nothing conforms', () => {
  testConformance(sinkConformance(() => ({ write: () => undefined }), { points: 1_000_000 }));
});

/** Gathers lines and writes them with `write` when closed. */
function recorder(write: (context: SinkContext, lines: string) => void): Sink {
  let context: SinkContext | null = null;
  let lines = '';
  return {
    open: (given) => void (context = given),
    write: (event) => void (lines += `${JSON.stringify(event)}\n`),
    close: () => {
      if (context) write(context, lines);
      context = null;
    },
  };
}

describe('a wrong sink fails, in the case that is about it', () => {
  const points = 10;
  test.each<[string, string, () => Sink]>([
    [
      'it overwrites',
      'appends when a session is resumed',
      () =>
        recorder(({ folder, resumed }, lines) => writeFileSync(join(folder, 'log'), resumed ? 'x' : lines)),
    ],
    [
      'it writes elsewhere',
      'writes only below the folder of its session',
      () => recorder(({ folder }, lines) => appendFileSync(join(dirname(folder), 'log'), lines)),
    ],
    [
      'it minds being closed twice',
      'may be closed twice',
      () => {
        let closed = false;
        return {
          write: () => undefined,
          close: () => {
            if (closed) throw new Error('closed');
            closed = true;
          },
        };
      },
    ],
    [
      'it needs finite numbers',
      'survives NaN, infinities, null and extreme numbers',
      () => ({
        write: (event) => {
          if (event.type === 'metric' && typeof event.value === 'number' && !Number.isFinite(event.value))
            throw new Error('number');
        },
      }),
    ],
    [
      'it changes what it is given',
      'takes every kind of event, frozen',
      () => ({ write: (event) => void Object.assign(event, { time: 0 }) }),
    ],
    [
      'it is full after five points',
      `survives ${points} points`,
      () => {
        let count = 0;
        return {
          write: () => {
            if (count++ > 5) throw new Error('full');
          },
        };
      },
    ],
    [
      'it wants short text',
      'survives any text',
      () => ({
        write: (event) => {
          if (event.type === 'log' && event.message.length > 1000) throw new Error('long');
        },
      }),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(sinkConformance(make, { points }), name)).toBe(true);
  });
});
