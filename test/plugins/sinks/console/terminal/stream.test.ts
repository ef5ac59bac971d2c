import { terminalOf } from '../../../../../plugins/sinks/console/terminal/index.js';
import { Recorder } from '../../../../support/recorder.js';

const tty = new Recorder({ isTTY: true, columns: 120 });
const pipe = new Recorder();

describe('a terminal over a stream', () => {
  test('a TTY is interactive and coloured', () =>
    expect(terminalOf(tty, {})).toMatchObject({ interactive: true, colour: true, columns: 120 }));
  test('a pipe is neither', () =>
    expect(terminalOf(pipe, {})).toMatchObject({ interactive: false, colour: false }));
  test('NO_COLOR wins over FORCE_COLOR', () =>
    expect(terminalOf(tty, { NO_COLOR: '1', FORCE_COLOR: '1' }).colour).toBe(false));
  test('an empty NO_COLOR is unset', () => expect(terminalOf(tty, { NO_COLOR: '' }).colour).toBe(true));
  test('FORCE_COLOR colours a pipe', () => expect(terminalOf(pipe, { FORCE_COLOR: '1' }).colour).toBe(true));
  test('a terminal whose width nobody knows has 80 columns', () =>
    expect([
      terminalOf(new Recorder({ isTTY: true, columns: 0 }), {}).columns,
      terminalOf({ write: () => true, isTTY: true }, {}).columns,
    ]).toEqual([80, 80]));
  test('lines for a file or a program may be of any length', () =>
    expect(terminalOf(pipe, {}).columns).toBe(Infinity));
  test('COLUMNS wins where it is a width', () =>
    expect(['60', '', '0', 'wide', '1.5'].map((COLUMNS) => terminalOf(tty, { COLUMNS }).columns)).toEqual([
      60, 120, 120, 120, 120,
    ]));
  test('a dumb terminal gets plain lines', () =>
    expect(terminalOf(tty, { TERM: 'dumb' })).toMatchObject({ interactive: false, colour: false }));
  test('CI keeps its colours but gets no live line', () =>
    expect(terminalOf(tty, { CI: 'true' })).toMatchObject({ interactive: false, colour: true }));
});
