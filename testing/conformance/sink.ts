import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent, Sink, SinkContext } from '../../core/contracts/sink.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectEqual, expectThat } from '../expect.js';
import {
  AWKWARD_TEXTS,
  LIFECYCLE_EVENTS,
  lifecycleEvent,
  logEvent,
  metricEvent,
  progressEvent,
} from '../fixtures/events.js';
import { freezePlain } from '../../core/validation/plain.js';
import { withTemporaryFolder } from '../temporary-folder.js';

export interface SinkConformanceOptions {
  /** Points of the endurance case. Default 100,000. */
  readonly points?: number;
}

/** A session folder in a folder of its own, so that what a sink writes elsewhere is seen. */
interface Place {
  readonly parent: string;
  readonly context: SinkContext;
}

function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  return withTemporaryFolder(async (parent) => {
    const folder = join(parent, 'session');
    await mkdir(folder);
    return use({
      parent,
      context: { sessionId: 'session_20260101_000000', folder, config: { seed: 42 }, resumed: false },
    });
  });
}

/** Open, write all (frozen) events, flush, close. */
async function play(sink: Sink, context: SinkContext, events: Iterable<RunEvent>): Promise<void> {
  await sink.open?.(context);
  for (const event of events) sink.write(freezePlain(event));
  await sink.flush?.();
  await sink.close?.();
}

function ordinaryEvents(): RunEvent[] {
  return [
    ...LIFECYCLE_EVENTS.map((event) =>
      lifecycleEvent(event, { step: 1, name: 'x', nested: { list: [1, null] } }),
    ),
    ...(['debug', 'info', 'warn', 'error'] as const).map((level) =>
      logEvent('message', { level, facts: { code: 'AF_X' } }),
    ),
    progressEvent(),
    progressEvent({ done: 10, etaSeconds: 0, values: {} }),
    metricEvent(1.5),
    { ...lifecycleEvent('session-end'), phase: null } as RunEvent,
    // One that a plugin made up.
    { ...lifecycleEvent('sample', { count: 1 }), event: 'of-a-plugin' } as unknown as RunEvent,
  ];
}

function awkwardEvents(): RunEvent[] {
  const numbers = [NaN, Infinity, -Infinity, -0, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53];
  return [
    ...numbers.flatMap((value) => [
      metricEvent(value),
      progressEvent({ values: { loss: value }, etaSeconds: value, done: value }),
      lifecycleEvent('gate', { measured: value }),
    ]),
    metricEvent(null),
    metricEvent(true),
    metricEvent('label'),
    lifecycleEvent('sample', { nothing: undefined, empty: null }),
  ];
}

function awkwardTexts(): RunEvent[] {
  return AWKWARD_TEXTS.flatMap((text) => [
    metricEvent(text),
    metricEvent(1, { name: text, labels: { [text]: text }, unit: text }),
    logEvent(text, { source: text, facts: { [text]: text } }),
    progressEvent({ task: text, unit: text }),
    lifecycleEvent('sample', { text }),
  ]);
}

function* manyPoints(count: number): Generator<RunEvent> {
  for (let step = 0; step < count; step++)
    yield metricEvent(Math.sin(step), { step, name: `m${step % 7}/loss` });
}

/** Bytes of every file below a folder, by path. */
async function filesBelow(folder: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = (await stat(path)).size;
  }
  return found;
}

async function keepsWhatItWrote(subject: Subject<Sink>): Promise<void> {
  await withPlace(async ({ context }) => {
    await play(await subject(), context, ordinaryEvents());
    const before = await filesBelow(context.folder);
    await play(await subject(), { ...context, resumed: true }, ordinaryEvents());
    const after = await filesBelow(context.folder);
    for (const [file, bytes] of Object.entries(before)) {
      expectThat(
        (after[file] ?? 0) >= bytes,
        `${file} had ${bytes} bytes, after resuming ${after[file] ?? 0}`,
      );
    }
  });
}

async function staysInItsFolder(subject: Subject<Sink>): Promise<void> {
  await withPlace(async ({ parent, context }) => {
    await play(await subject(), context, ordinaryEvents());
    expectEqual([...(await readdir(parent))], ['session'], 'files beside the session folder');
  });
}

async function closesTwice(subject: Subject<Sink>): Promise<void> {
  await withPlace(async ({ context }) => {
    const sink = await subject();
    await play(sink, context, ordinaryEvents());
    await sink.close?.();
  });
}

async function flushIsDurable(subject: Subject<Sink>): Promise<void> {
  await withPlace(async ({ context }) => {
    const sink = await subject();
    await sink.open?.(context);
    await sink.flush?.();
    for (const event of ordinaryEvents()) sink.write(freezePlain(event));
    await sink.flush?.();
    const flushed = await filesBelow(context.folder);
    await sink.close?.();
    const closed = await filesBelow(context.folder);
    for (const file of Object.keys(flushed))
      expectThat(file in closed, `${file} was there after flush and is gone after close`);
  });
}

/** What every metric sink must do: take whatever happens, write only below its folder, never lose what it wrote. */
export function sinkConformance(
  subject: Subject<Sink>,
  options: SinkConformanceOptions = {},
): ConformanceCase[] {
  const { points = 100_000 } = options;
  const playing = (events: () => Iterable<RunEvent>) => () =>
    withPlace(async ({ context }) => play(await subject(), context, events()));
  return [
    { name: 'takes every kind of event, frozen', run: playing(ordinaryEvents) },
    { name: 'takes no event at all', run: playing(() => []) },
    { name: 'survives NaN, infinities, null and extreme numbers', run: playing(awkwardEvents) },
    { name: 'survives any text', run: playing(awkwardTexts) },
    { name: `survives ${points} points`, run: playing(() => manyPoints(points)) },
    { name: 'may be closed twice', run: () => closesTwice(subject) },
    { name: 'may be flushed before and between events', run: () => flushIsDurable(subject) },
    { name: 'appends when a session is resumed', run: () => keepsWhatItWrote(subject) },
    { name: 'writes only below the folder of its session', run: () => staysInItsFolder(subject) },
  ];
}
