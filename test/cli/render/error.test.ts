import { report } from '../../../cli/main.js';
import { internalError } from '../../../cli/say-error.js';
import { errorDocument, renderError } from '../../../cli/render/error.js';
import { ForgeError } from '../../../core/errors/index.js';
import { TestIo } from '../../support/cli.js';

const plain = { terminal: { colour: false }, debug: false };

const invalid = new ForgeError('AF_CONFIG_INVALID', 'The configuration has problems.', {
  at: 'agentforge.config.ts',
  problems: [
    {
      at: 'phases.cognate.maxStep',
      message: 'unknown option',
      found: '"maxStep"',
      suggestion: 'maxSteps',
      fix: 'Write "maxSteps".',
    },
    { at: 'seed', source: '--set', message: 'is not an integer', expected: 'integer', found: '"x"' },
  ],
  fix: 'Correct them all, then run again.',
});

describe('an error for people', () => {
  test('code, what, where, every problem, what to do', () => {
    expect(renderError(invalid, plain)).toBe(
      [
        'error AF_CONFIG_INVALID  The configuration has problems.',
        '  at agentforge.config.ts',
        '',
        '  2 problems:',
        '  1. phases.cognate.maxStep: unknown option',
        '       found        "maxStep"',
        '       did you mean maxSteps?',
        '       fix          Write "maxSteps".',
        '  2. seed: is not an integer (--set)',
        '       expected     integer',
        '       found        "x"',
        '',
        'fix  Correct them all, then run again.',
        '',
      ].join('\n'),
    );
  });

  test('causes are told once each, without stacks', () => {
    const cause = new Error('disk gone', { cause: new Error('disk gone') });
    const text = renderError(new ForgeError('AF_STORAGE_IO', 'Reading failed.', { cause }), plain);
    expect(text).toBe('error AF_STORAGE_IO  Reading failed.\n  because disk gone\n');
  });

  test('debug adds the stack of the error and of every cause', () => {
    const text = renderError(
      new ForgeError('AF_STORAGE_IO', 'Reading failed.', { cause: new TypeError('deep') }),
      { ...plain, debug: true },
    );
    expect(text).toMatch(/ForgeError: Reading failed/);
    expect(text).toMatch(/TypeError: deep\n +at /);
  });

  test('a circle of causes ends', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    expect(renderError(internalError(first), plain)).toContain('because second');
  });

  test('control characters in a message are shown, not obeyed', () =>
    expect(renderError(new ForgeError('AF_USAGE', 'bad \u001b[2J'), plain)).toContain('bad \\x1b[2J'));
});

describe('an error for machines', () => {
  test('has every part', () =>
    expect(errorDocument(invalid)).toEqual({
      code: 'AF_CONFIG_INVALID',
      message: 'The configuration has problems.',
      at: 'agentforge.config.ts',
      fix: 'Correct them all, then run again.',
      problems: invalid.problems,
      facts: {},
      causes: [],
    }));
});

describe('what is thrown without a code', () => {
  test.each([[new TypeError('x is not a function')], ['a string'], [undefined], [null]])(
    '%p is a defect, exit 1',
    (thrown) => {
      const io = new TestIo('/nowhere');
      expect(report(thrown, { io, json: false, debug: false })).toBe(1);
      expect(io.stderr.text).toMatch(/^error AF_INTERNAL {2}\S/);
      expect(io.stderr.text).toContain('please report it');
    },
  );

  test('exit codes follow the catalogue', () => {
    const io = new TestIo('/nowhere');
    expect(report(invalid, { io, json: false, debug: false })).toBe(2);
    expect(report(new ForgeError('AF_GATE_FAILED', 'x'), { io, json: false, debug: false })).toBe(1);
  });
});
