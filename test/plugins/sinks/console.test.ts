import type { LifecycleEvent, ProgressEvent, RunEvent } from '../../../core/contracts/sink.js';
import { createConsoleSink } from '../../../plugins/sinks/console/index.js';
import { recordedTerminal, type RecordedTerminal } from '../../support/recorder.js';
import { screen } from '../../support/screen.js';

const MEMORY = 620 * 2 ** 20;

const progress = (done: number, extra: Partial<ProgressEvent> = {}): ProgressEvent => ({
  type: 'progress',
  phase: 'toy',
  task: 'trunk',
  done,
  total: 400,
  unit: 'step',
  values: { loss: 2.31415, 'tokens/s': 8210.4 },
  etaSeconds: 64,
  time: 0,
  ...extra,
});
const warning = (message: string): RunEvent => ({
  type: 'log',
  level: 'warn',
  message,
  source: 'test',
  time: 0,
});
const happened = (
  event: LifecycleEvent['event'],
  facts: LifecycleEvent['facts'],
  phase: string | null = 'toy',
): RunEvent => ({
  type: 'lifecycle',
  event,
  phase,
  facts,
  time: 0,
});

function open(terminal: RecordedTerminal, settings: { interval?: number; samples?: boolean } = {}) {
  const clock = { now: 0 };
  const sink = createConsoleSink(terminal, {
    interval: 5,
    redraw: 100,
    samples: true,
    now: () => clock.now,
    memory: () => MEMORY,
    ...settings,
  });
  return { sink, clock };
}

const print = (event: RunEvent, settings: Parameters<typeof recordedTerminal>[0] = {}): string => {
  const terminal = recordedTerminal(settings);
  open(terminal).sink.write(event);
  return terminal.written();
};

describe('on a terminal', () => {
  test('one live line with step, loss, rate, ETA and memory', () => {
    const terminal = recordedTerminal({ interactive: true, columns: 130 });
    open(terminal).sink.write(progress(120));
    expect(screen(terminal.written())).toEqual([
      'toy trunk  [######..............]  step 120/400  loss 2.314  tokens/s 8,210  ETA 1m 04s  memory 620 MiB',
    ]);
  });

  test('redrawn in place, not more often than asked; the end of a task always', () => {
    const terminal = recordedTerminal({ interactive: true, columns: 60 });
    const { sink, clock } = open(terminal);
    sink.write(progress(1));
    clock.now = 50;
    sink.write(progress(2));
    expect(screen(terminal.written()).join()).toContain('1/400');
    clock.now = 100;
    sink.write(progress(3));
    expect(screen(terminal.written())).toHaveLength(1);
    expect(screen(terminal.written()).join()).toContain('3/400');
  });

  test('the last line of a task stays, once; the next task is drawn below it', () => {
    const terminal = recordedTerminal({ interactive: true, columns: 130 });
    const { sink } = open(terminal);
    sink.write(progress(399));
    sink.write(progress(400));
    sink.write(progress(400));
    sink.write(progress(1, { task: 'branch' }));
    const shown = screen(terminal.written());
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatch(/^toy trunk {2}step 400\/400 {2}loss 2\.314/);
    expect(shown[1]).toMatch(/^toy branch {2}\[/);
  });

  test('the end of a phase takes an unfinished line away', () => {
    const terminal = recordedTerminal({ interactive: true });
    const { sink } = open(terminal);
    sink.write(progress(10));
    sink.write(happened('phase-end', { status: 'failed', seconds: 1 }));
    expect(screen(terminal.written())).toEqual(['phase toy failed in 1.0 s', '']);
  });

  test('warnings scroll by above the live line, which close clears', () => {
    const terminal = recordedTerminal({ interactive: true });
    const { sink } = open(terminal);
    sink.write(progress(10));
    sink.write(warning('disk is nearly full'));
    const shown = screen(terminal.written());
    expect(shown[0]).toBe('warning disk is nearly full');
    expect(shown[1]).toContain('10/400');
    void sink.close?.();
    expect(screen(terminal.written())).toEqual(['warning disk is nearly full', '']);
  });

  test.each([20, 30, 40, 60, 80])(
    'never wider than %d columns; step and loss outlive bar and memory',
    (columns) => {
      const terminal = recordedTerminal({ interactive: true, columns });
      open(terminal).sink.write(progress(120));
      const line = screen(terminal.written())[0] ?? '';
      expect(line.length).toBeLessThan(columns);
      if (columns >= 40) expect(line).toContain('loss 2.314');
    },
  );
});

describe('piped', () => {
  test('plain lines every few seconds and one at the end of each task, no escapes', () => {
    const terminal = recordedTerminal();
    const { sink, clock } = open(terminal);
    for (let step = 1; step <= 400; step++) {
      clock.now += 50;
      sink.write(progress(step));
    }
    sink.write(progress(400));
    const lines = terminal.written().trimEnd().split('\n');
    expect(lines.map((line) => /(\d+)\/400/.exec(line)?.[1])).toEqual(['1', '101', '201', '301', '400']);
    expect(terminal.written()).not.toContain('\u001b');
    expect(lines[0]).toBe('toy trunk  step 1/400  loss 2.314  tokens/s 8,210  ETA 1m 04s  memory 620 MiB');
  });

  test('a share in percent', () =>
    expect(print(progress(30, { unit: '%', total: 100 }))).toContain('  30 %  '));

  test('how much of the whole phase is done, when the phase says so', () =>
    expect(print(progress(1, { phaseFraction: 0.129 }))).toContain('ETA 1m 04s  phase 12 %  memory'));

  test('an unknown ETA is a dash; NaN is shown as NaN', () => {
    expect(print(progress(1, { etaSeconds: null, values: { loss: Number.NaN } }))).toContain(
      'loss NaN  ETA -',
    );
  });
});

describe('what happened', () => {
  test.each<[string, RunEvent, string]>([
    [
      'gate met',
      happened('gate', { name: 'params', passed: true, measured: 25900801, target: '== 25900801' }),
      '  gate met     params  measured 25,900,801, target == 25900801\n',
    ],
    [
      'gate missed',
      happened('gate', { name: 'gain', passed: false, measured: 0.1, target: '>= 0.2' }),
      '  gate missed  gain  measured 0.1, target >= 0.2\n',
    ],
    [
      'gate not measured',
      happened('gate', { name: 'gain', passed: null, measured: null, target: '>= 0.2', reason: 'no data' }),
      '  gate unknown gain  measured -, target >= 0.2 (no data)\n',
    ],
    [
      'model',
      happened('model', { name: 'memory', parameters: 1016320, sha256: 'ab'.repeat(32) }),
      '  model memory  1,016,320 parameters  sha256 abababababab\n',
    ],
    [
      'sample',
      happened('sample', { model: 'memory', prompt: 'Once', text: ' upon\na time' }),
      '  sample from memory\n  | Once upon\n  | a time\n',
    ],
    ['phase end', happened('phase-end', { seconds: 192 }), 'phase toy done in 3m 12s\n'],
    ['alert', happened('alert', { message: 'loss rises', slope: 0.02 }), 'alert loss rises  slope 0.02\n'],
    [
      'a critical alert',
      happened('alert', { severity: 'critical', message: 'diverged' }),
      'critical alert diverged\n',
    ],
    [
      'a note',
      happened('alert', { severity: 'info', message: 'early stop', step: 7 }),
      'note early stop  step 7\n',
    ],
    [
      'an event of a plugin',
      happened('expert-found' as 'sample', { layer: 3, share: 0.25, list: [1] }),
      'expert-found  layer 3  share 0.25\n',
    ],
    ['an event named like a member of objects', happened('toString' as 'sample', {}), 'toString\n'],
    [
      'trouble and what was decided',
      happened('alert', { trouble: 'low diversity', actions: ['go on'], decision: 'go on' }),
      'alert low diversity  decision go on\n',
    ],
    [
      'phase start',
      happened('phase-start', { title: 'Toy', index: 0, total: 3, resumed: true }),
      '\nphase toy (1 of 3) resumed\n',
    ],
    [
      'session start',
      happened('session-start', { sessionId: 's1', resumed: true, start: 1 }, null),
      'session s1 resumed\n',
    ],
    [
      'session end: the phases have said it',
      happened('session-end', { sessionId: 's1', status: 'completed' }, null),
      '',
    ],
    ['phase paused', happened('phase-end', { status: 'paused', seconds: 1 }), 'phase toy paused in 1.0 s\n'],
    ['rollback', happened('rollback', { toPhase: 'toy' }, null), 'rolled back  toPhase toy\n'],
  ])('%s', (_, event, text) => expect(print(event)).toBe(text));

  test('a sample cannot move the cursor', () =>
    expect(print(happened('sample', { text: 'a\u001b[2Jb' }))).toBe('  sample\n  | a\\x1b[2Jb\n'));

  test('metrics are not printed', () =>
    expect(print({ type: 'metric', name: 'x', value: 1, step: 1, phase: 'toy', time: 0 })).toBe(''));
});

describe('verbosity', () => {
  test('quiet keeps warnings, errors and alerts only', () => {
    const quiet = { verbosity: 'quiet' } as const;
    expect(print(progress(1), quiet)).toBe('');
    expect(print(happened('gate', { name: 'g', passed: false }), quiet)).toBe('');
    expect(print(happened('alert', { message: 'loss rises' }), quiet)).toBe('alert loss rises\n');
    expect(print(happened('alert', { severity: 'info', message: 'early stop' }), quiet)).toBe('');
    expect(print(warning('w'), quiet)).toBe('warning w\n');
  });

  test('debug shows debug messages, their source and facts, and checkpoints', () => {
    const event: RunEvent = {
      type: 'log',
      level: 'debug',
      message: 'm',
      source: 'plugin x',
      facts: { n: 3 },
      time: 0,
    };
    expect(print(event)).toBe('');
    expect(print(event, { verbosity: 'debug' })).toBe('m\n    source: plugin x\n    n: 3\n');
    expect(print(happened('checkpoint', { step: 5 }))).toBe('');
    expect(print(happened('checkpoint', { step: 5 }), { verbosity: 'debug' })).toBe(
      'checkpoint toy  step 5\n',
    );
  });
});
