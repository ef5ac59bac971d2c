import fc from 'fast-check';
import { fromPointer, joinPath, parsePath } from '../../../core/validation/path.js';
import { clonePlain, freezePlain, isPlainObject } from '../../../core/validation/plain.js';
import { describeSchema, describeValue } from '../../../core/validation/describe.js';
import vm from 'node:vm';

describe('config paths', () => {
  it.each([
    ['phases.cognate.maxSteps', ['phases', 'cognate', 'maxSteps']],
    ['sinks[0]', ['sinks', '0']],
    ['options["a.b"].c', ['options', 'a.b', 'c']],
    ['sinks.0', ['sinks', '0']],
  ])('%s is taken apart', (path, keys) => {
    expect(parsePath(path)).toEqual(keys);
  });

  it.each(['', '.', 'a..b', 'a[', 'a["b]', 'a.', '[x]'])('%j is no path', (path) => {
    expect(parsePath(path)).toBeNull();
  });

  it('keys written as a path are read back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (keys) => {
        expect(parsePath(keys.reduce<string>(joinPath, ''))).toEqual(keys);
      }),
    );
  });

  it('JSON pointers become paths', () => {
    expect(fromPointer('plugins[1]', '/options/a~1b/0')).toBe('plugins[1].options["a/b"][0]');
    expect(fromPointer('', '')).toBe('');
  });
});

describe('records', () => {
  it('are told from instances, also those of another realm', () => {
    expect(isPlainObject(vm.runInNewContext('({ a: 1 })'))).toBe(true);
    expect(isPlainObject(Object.create(null))).toBe(true);
    expect([[], null, new Map(), () => 1, new Date(0)].some(isPlainObject)).toBe(false);
  });

  it('are copied deeply, instances kept, and frozen deeply', () => {
    const instance = new Map();
    const value = { a: [{ b: 1 }], instance };
    const copy = clonePlain(value);
    expect(copy).toEqual(value);
    expect(copy.a[0]).not.toBe(value.a[0]);
    expect(copy.instance).toBe(instance);
    freezePlain(copy);
    expect(Object.isFrozen(copy.a[0])).toBe(true);
    expect(Object.isFrozen(instance)).toBe(false);
  });
});

describe('words', () => {
  it('describe values in short', () => {
    expect(
      [undefined, null, 'a"b', 3, true, [], [1, 2], {}, { a: 1, b: 2 }, function f() {}, 2n].map(
        describeValue,
      ),
    ).toEqual([
      'nothing',
      'null',
      '"a\\"b"',
      '3',
      'true',
      'an empty list',
      'a list of 2',
      'an empty object',
      'an object with a, b',
      'function f',
      '2n',
    ]);
    expect(describeValue({ ')': 1, 'a b': 2, '': 3, 'c-d': 4 })).toBe('an object with ")", "a b", "", c-d');
    expect(describeValue('x'.repeat(500)).length).toBeLessThanOrEqual(60);
  });

  it('describe schemas in short', () => {
    const schemas = [
      { type: 'integer', minimum: 1 },
      { enum: ['a', 'b'] },
      { anyOf: [{ const: 'cpu' }, { const: 'cuda' }] },
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { type: 'array', items: { type: 'number' } },
      { type: 'string', minLength: 1, maxLength: 9 },
      { type: 'array', items: {}, minItems: 2 },
      { type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 3 },
      { type: 'array', items: {}, minItems: 2, maxItems: 2 },
      { type: 'array', items: {} },
      { type: 'object' },
      {},
    ];
    expect(schemas.map(describeSchema)).toEqual([
      'integer >= 1',
      'one of "a", "b"',
      'one of "cpu", "cuda"',
      'string or null',
      'a list of number',
      'string of at least 1 character of at most 9 characters',
      'a list of at least 2',
      'a list of at least 1 and at most 3 number',
      'a list of 2',
      'a list',
      'an object',
      'a value',
    ]);
  });
});
