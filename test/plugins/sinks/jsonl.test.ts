import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeJson, encodeJson } from '../../../core/contracts/json-numbers.js';
import type { MetricValue } from '../../../core/contracts/metrics.js';
import type { RunEvent } from '../../../core/contracts/sink.js';
import { JsonlSink } from '../../../plugins/sinks/jsonl/index.js';
import type { JsonlSinkOptions } from '../../../plugins/sinks/jsonl/jsonl-sink.js';
import { LineFile, type WriteBytes } from '../../../plugins/sinks/jsonl/line-file.js';
import { PositionMark } from '../../../plugins/sinks/jsonl/position-mark.js';
import { systemError } from '../../../testing/faulty-disk.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'jsonl-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const metric = (value: MetricValue, step = 1): RunEvent => ({
  type: 'metric',
  name: 'model_1/train/loss',
  value,
  step,
  phase: 'toy',
  time: 1000 + step,
});
const log = (message: string): RunEvent => ({ type: 'log', level: 'info', message, source: 'test', time: 5 });
const read = (name: string): unknown[] =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(decodeJson);
const context = (resumed = false) => ({ sessionId: 's', folder, config: {}, resumed });
const sink = (options: Partial<JsonlSinkOptions> = {}) =>
  new JsonlSink({ delay: 60, progress: false, ...options });

/** A disk with room for so many bytes more: the write that crosses the line is short, every later one fails. */
function writingUpTo(room: number): WriteBytes {
  return (descriptor, bytes, offset) => {
    if (room === 0) throw systemError('ENOSPC');
    const taken = Math.min(room, bytes.length - offset);
    room -= taken;
    return writeSync(descriptor, bytes, offset, taken);
  };
}

describe('encoding', () => {
  test('documented form of numbers that JSON lacks', () => {
    expect(encodeJson([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1.5])).toBe(
      '[{"$number":"NaN"},{"$number":"Infinity"},{"$number":"-Infinity"},{"$number":"-0"},1.5]',
    );
  });

  test('every number and string survives, at any depth', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constant('NaN'));
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(
            fc.string().filter((k) => k !== '__proto__'),
            value,
          ),
        ),
        (input) => {
          const line = encodeJson(input);
          expect(line).not.toContain('\n');
          expect(decodeJson(line)).toEqual(input.map((entry) => ({ ...entry })));
        },
      ),
    );
  });
});

test('a mark that cannot be written leaves the one before it', () => {
  const path = join(folder, 'mark.json');
  new PositionMark(path).write(1e12);
  expect(() => new PositionMark(path, writingUpTo(0)).write(5)).toThrow('ENOSPC');
  expect(new PositionMark(path).read()).toBe(1e12);
  new PositionMark(path).write(5);
  expect(new PositionMark(path).read()).toBe(5);
});

describe('the sink', () => {
  test('metrics and events go to their files in order; progress only when asked for', () => {
    const progress: RunEvent = {
      type: 'progress',
      phase: 'toy',
      task: 't',
      done: 1,
      total: 2,
      unit: 'steps',
      values: {},
      etaSeconds: null,
      time: 1,
    };
    const written = sink();
    written.open(context());
    for (const event of [metric(2.5), log('a'), progress, metric(Number.NaN, 2), log('b')])
      written.write(event);
    written.close();
    expect(read('metrics.jsonl')).toEqual([metric(2.5), metric(Number.NaN, 2)]);
    expect(read('events.jsonl')).toEqual([log('a'), log('b')]);
  });

  test('flush makes everything written so far visible', () => {
    const written = sink();
    written.open(context());
    written.write(metric(1));
    expect(read('metrics.jsonl')).toEqual([]);
    written.flush();
    expect(read('metrics.jsonl')).toEqual([metric(1)]);
    written.close();
  });

  test('lines do not wait longer than the delay while events arrive', () => {
    let now = 0;
    const written = sink({ delay: 1, now: () => now });
    written.open(context());
    written.write(log('early'));
    now = 1000;
    written.write(metric(1));
    expect(read('events.jsonl')).toEqual([log('early')]);
    expect(read('metrics.jsonl')).toEqual([metric(1)]);
    written.close();
  });

  test('a resumed session appends after cutting off a torn last line', () => {
    writeFileSync(
      join(folder, 'metrics.jsonl'),
      `${encodeJson(metric(1))}\n${encodeJson(metric(2)).slice(0, 20)}`,
    );
    const written = sink();
    written.open(context(true));
    written.write(metric(3, 3));
    written.close();
    expect(read('metrics.jsonl')).toEqual([metric(1), metric(3, 3)]);
  });

  test('a file that is nothing but a torn line longer than a block is emptied', () => {
    const path = join(folder, 'lines');
    appendFileSync(path, 'x'.repeat(200_000));
    const file = new LineFile(path);
    file.append('whole');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('whole\n');
  });

  test('many points: all there, in order', () => {
    const written = sink();
    written.open(context());
    for (let step = 0; step < 100_000; step++)
      written.write(metric(step % 7 === 0 ? Number.NaN : step / 3, step));
    written.close();
    const steps = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    expect(steps).toHaveLength(100_000);
    expect(decodeJson(steps[99_999] ?? '')).toEqual(metric(33333, 99_999));
  });

  test('a write that finds no room is an error once, and leaves whole lines', () => {
    const line = `${encodeJson(metric(1))}\n`;
    // The mark is there from the beginning, and takes no more room later.
    const mark = 32;
    for (const room of [0, 1, line.length - 1, line.length, line.length + 1, 2 * line.length - 1]) {
      rmSync(join(folder, 'metrics.jsonl'), { force: true });
      const written = sink({ writeBytes: writingUpTo(mark + room) });
      written.open(context());
      written.write(metric(1));
      written.write(metric(1));
      expect(() => written.flush()).toThrow(/ENOSPC/);
      expect(() => written.close()).not.toThrow();
      expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8')).toBe(
        line.repeat(Math.floor(room / line.length)),
      );
    }
  });

  test('lines written after one that found no room are whole', () => {
    const path = join(folder, 'lines');
    let full = true;
    const file = new LineFile(path, undefined, (descriptor, bytes, offset) => {
      if (!full) return writeSync(descriptor, bytes, offset);
      if (offset > 0) throw systemError('ENOSPC');
      return writeSync(descriptor, bytes, 0, 3);
    });
    file.append('lost');
    expect(() => file.flush()).toThrow(/ENOSPC/);
    full = false;
    file.append('kept');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('kept\n');
  });

  test('a folder that is not there is an error at open, not later', () => {
    expect(() => sink().open({ ...context(), folder: join(folder, 'none') })).toThrow(/ENOENT/);
  });

  test('writing after close is ignored', () => {
    const written = sink();
    written.open(context());
    written.close();
    expect(() => written.write(metric(1))).not.toThrow();
  });
});
