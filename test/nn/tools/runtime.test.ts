import fc from 'fast-check';
import type { Tool, ToolOutcome } from '../../../core/contracts/tool.js';
import { DEFAULT_TOOL_LIMITS, resultText, ToolRuntime } from '../../../nn/tools/index.js';

const manual = { wordings: ['a', 'b'], heldOut: ['c'], short: 'd' };
const tool = (run: (args: string) => unknown): Tool => ({ manual, run: run as Tool['run'] });
const of = (tools: Readonly<Record<string, Tool>>, characters = 20): ToolRuntime =>
  new ToolRuntime(new Map(Object.entries(tools)), { ...DEFAULT_TOOL_LIMITS, characters });
const fails = (failure: string): ToolOutcome => ({ ok: false, failure: failure as never, message: 'no' });

describe('the runtime of tools', () => {
  test('counts calls by what comes of them', () => {
    const runtime = of({
      echo: tool((text) => ({ ok: true, text })),
      fail: tool((failure) => fails(failure)),
    });
    expect(runtime.call('echo', 'x')).toEqual({ ok: true, text: 'x' });
    for (const failure of ['syntax', 'not-found', 'arithmetic', 'limit', 'forbidden'])
      expect(runtime.call('fail', failure)).toEqual({ ok: false, failure, message: 'no' });
    expect(runtime.refuse('no call')).toEqual({ ok: false, failure: 'grammar', message: 'no call' });
    expect(runtime.counts).toEqual({ total: 7, successful: 1, failed: 6, violations: 2 });
    expect([runtime.has('echo'), runtime.has('constructor')]).toEqual([true, false]);
  });

  test.each(['nobody', '__proto__', 'constructor', 'toString', ''])('a tool "%s" is not found', (name) => {
    const runtime = of({ echo: tool((text) => ({ ok: true, text })) });
    expect(runtime.call(name, 'x')).toMatchObject({ ok: false, failure: 'not-found' });
    expect(runtime.counts).toEqual({ total: 1, successful: 0, failed: 1, violations: 0 });
  });

  test('fails closed, whatever a tool does', () => {
    const gives: unknown[] = [
      null,
      undefined,
      3,
      'text',
      {},
      { ok: true },
      { ok: true, text: 3 },
      { ok: 1, text: 'x' },
    ];
    gives.push({ ok: false }, { ok: false, failure: 'other' }, Promise.resolve({ ok: true, text: 'later' }));
    const throws: (() => unknown)[] = [new Error('x'), new RangeError('y'), 'text', null].map(
      (thrown) => () => {
        throw thrown;
      },
    );
    const deep = (): unknown => deep();
    for (const run of [...gives.map((given) => () => given), ...throws, deep]) {
      const runtime = of({ bad: tool(run) });
      const outcome = runtime.call('bad', 'x');
      expect(outcome).toMatchObject({ ok: false, failure: 'broken' });
      expect(resultText(outcome)).toBe('error: broken');
      expect(runtime.counts).toEqual({ total: 1, successful: 0, failed: 1, violations: 0 });
    }
  });

  test('cuts what is too long, between whole characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 0, max: 12 }),
        (text, most) => {
          const outcome = of({ echo: tool((given) => ({ ok: true, text: given })) }, most).call('echo', text);
          if (!outcome.ok) throw new Error('it failed');
          const characters = [...outcome.text];
          expect(characters.length).toBeLessThanOrEqual(most);
          expect(characters).toEqual([...text].slice(0, characters.length));
          expect(outcome.cut === true).toBe(outcome.text !== text);
        },
      ),
    );
    const cut = of({ echo: tool((text) => ({ ok: true, text, cut: true })) }).call('echo', 'x');
    expect(cut).toEqual({ ok: true, text: 'x', cut: true });
  });

  test('results are one line', () => {
    expect(resultText({ ok: true, text: ' one\n\ttwo\u0000three ' })).toBe('one two three');
    expect(resultText({ ok: false, failure: 'not-found', message: 'long words' })).toBe('error: not-found');
  });
});
