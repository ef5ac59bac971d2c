import { listenToInterrupts } from '../../cli/interrupts.js';
import { TestIo } from '../support/cli.js';

describe('Ctrl-C', () => {
  test('the first asks for a pause and says so, the second quits with 130', () => {
    const io = new TestIo('/nowhere');
    const { signal } = listenToInterrupts(io);
    expect(signal.aborted).toBe(false);
    io.interrupt();
    expect(signal.aborted).toBe(true);
    expect(io.stderr.text).toContain('a checkpoint saved first');
    expect(io.quits).toEqual([]);
    io.interrupt();
    expect(io.quits).toEqual([130]);
  });

  test('released, it no longer listens', () => {
    const io = new TestIo('/nowhere');
    const interrupts = listenToInterrupts(io);
    interrupts.release();
    io.interrupt();
    expect(interrupts.signal.aborted).toBe(false);
    expect(io.listening).toBe(0);
  });
});
