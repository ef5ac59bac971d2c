import fc from 'fast-check';
import {
  nextCycle,
  startCycles,
  withCycle,
  type CycleKind,
  type CyclesState,
  type CycleSettings,
} from '../../../nn/cycles/index.js';

const exact = (value: number) => ({ value, error: 0 });

/** Runs cycles until there is none; each kind has its scores in their order, and the last of them for ever. */
function cycled(
  scores: Readonly<Record<CycleKind, readonly number[]>>,
  settings: CycleSettings,
  state: CyclesState = startCycles(),
): { readonly order: string; readonly reason: string; readonly state: CyclesState } {
  let order = '';
  for (;;) {
    const next = nextCycle(state, settings);
    if (next.kind === null) return { order, reason: next.reason, state };
    const { kind } = next;
    const value = scores[kind][state.done[kind]] ?? scores[kind].at(-1)!;
    state = withCycle(state, kind, exact(value), settings);
    order += kind;
  }
}

describe('two kinds of cycles', () => {
  test('take turns, and end when both are flat', () => {
    const { order, reason, state } = cycled({ a: [0.4], b: [0.6] }, {});
    expect([order, reason]).toEqual(['abababab', 'plateau']);
    expect(state).toMatchObject({ done: { a: 4, b: 4 }, switches: 7, detections: 2, lastDetection: 8 });
  });

  test('by hand: a plateau of one leaves its turns to the other', () => {
    // Window 1: a is flat at its second score; b rises three times, then not.
    const { order, reason, state } = cycled({ a: [0.4], b: [0.1, 0.2, 0.3, 0.4] }, { window: 1 });
    expect([order, reason]).toEqual(['ababbbb', 'plateau']);
    // The third cycle is flat, then the seventh, in which b stays at .4.
    expect(state).toMatchObject({ done: { a: 2, b: 5 }, switches: 3, detections: 2, lastDetection: 7 });
  });

  test('with the score of the model before them a cycle less is needed', () => {
    const before = startCycles({ a: 0.4, b: 0.6 });
    expect(cycled({ a: [0.4], b: [0.6] }, {}, before).order).toBe('ababab');
    expect(cycled({ a: [0.4], b: [0.6] }, {}, startCycles({ b: 0.6 })).order).toBe('abababa');
    expect(before).toMatchObject({ done: { a: 0, b: 0 }, last: null, switches: 0 });
  });

  test('as many as are allowed, of all and of each', () => {
    const rising = { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8] };
    expect(cycled(rising, { mostCycles: 5 })).toMatchObject({ order: 'ababa', reason: 'cycles' });
    expect(cycled(rising, { mostOf: { a: 1, b: 3 } })).toMatchObject({ order: 'abbb', reason: 'cycles' });
    expect(cycled(rising, { mostOf: { a: 0 }, mostCycles: 3 })).toMatchObject({ order: 'bbb' });
    expect(cycled(rising, { mostCycles: 0 })).toMatchObject({ order: '', reason: 'cycles' });
    expect(cycled(rising, { mostOf: { a: 0, b: 0 } })).toMatchObject({ order: '', reason: 'cycles' });
  });

  test('one alone ends on its own plateau', () => {
    const alone = cycled({ a: [], b: [0.5] }, { mostOf: { a: 0 } });
    expect(alone).toMatchObject({ order: 'bbbb', reason: 'plateau', state: { switches: 0 } });
  });

  test('a plateau that lasts is detected at every cycle of it', () => {
    let state = startCycles();
    for (let i = 0; i < 6; i++) state = withCycle(state, 'a', exact(0.5));
    expect(state).toMatchObject({ detections: 3, lastDetection: 6, switches: 0 });
    state = withCycle(state, 'a', exact(0.6));
    expect(state).toMatchObject({ detections: 3, lastDetection: 6 });
    expect(nextCycle(state, { mostOf: { b: 0 } })).toEqual({ kind: 'a' });
  });

  test('a score that is none is refused', () => {
    expect(() => startCycles({ a: Number.NaN })).toThrow(RangeError);
    expect(() => withCycle(startCycles(), 'a', exact(Infinity))).toThrow(RangeError);
  });

  const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
  const settings = fc.record({
    window: fc.integer({ min: 1, max: 4 }),
    mostCycles: fc.integer({ min: 0, max: 15 }),
  });

  test('interrupted after any cycle they go on as if they had not been', () => {
    fc.assert(
      fc.property(values, values, settings, fc.nat(14), (a, b, given, at) => {
        const whole = cycled({ a, b }, given);
        const part = cycled({ a, b }, { ...given, mostCycles: Math.min(at, given.mostCycles) });
        const saved = JSON.parse(JSON.stringify(part.state)) as CyclesState;
        const rest = cycled({ a, b }, given, saved);
        expect(part.order + rest.order).toBe(whole.order);
        expect(rest.state).toEqual(whole.state);
      }),
    );
  });

  test('always end, count themselves, and never run a kind that is on its plateau', () => {
    fc.assert(
      fc.property(values, values, settings, (a, b, given) => {
        const { order, state } = cycled({ a, b }, given);
        expect(order.length).toBeLessThanOrEqual(given.mostCycles);
        expect(state.done.a + state.done.b).toBe(order.length);
        expect(state.switches).toBe([...order].filter((kind, i) => i > 0 && kind !== order[i - 1]).length);
        expect(state.detections).toBeLessThanOrEqual(2);
      }),
    );
  });
});
