import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { loadValidator, type Validator } from '../../../core/validation/validator.js';
import { validated } from '../../../core/validation/validated.js';

let validator: Validator;
beforeAll(async () => {
  validator = await loadValidator();
});

const Options = Type.Object(
  {
    steps: withDefault(Type.Integer({ minimum: 1 }), 10),
    mode: withDefault(Type.Union([Type.Literal('fast'), Type.Literal('exact')]), 'fast'),
    path: Type.Optional(
      Type.Union([Type.String(), Type.Object({ file: Type.String() }, { additionalProperties: false })]),
    ),
    inner: withDefault(
      Type.Object({ rate: withDefault(Type.Number(), 0.5) }, { additionalProperties: false }),
      { rate: 0.5 },
    ),
  },
  { additionalProperties: false },
);

describe('problems', () => {
  it('are all told at once, each with what was expected and found', () => {
    const problems = validator.validate(
      Options,
      { steps: 0, mode: 'exat', inner: { rat: 1, rate: 'x' }, stesp: 1 },
      { at: 'phases.toy' },
    );
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          at: 'phases.toy.stesp',
          message: 'unknown key "stesp"',
          suggestion: 'steps',
          found: '1',
        }),
        expect.objectContaining({
          at: 'phases.toy.steps',
          message: 'must be >= 1',
          expected: 'integer >= 1',
          found: '0',
        }),
        expect.objectContaining({
          at: 'phases.toy.mode',
          expected: 'one of "fast", "exact"',
          found: '"exat"',
          suggestion: 'exact',
        }),
        expect.objectContaining({ at: 'phases.toy.inner.rat', suggestion: 'rate' }),
        expect.objectContaining({ at: 'phases.toy.inner.rate', expected: 'number', found: '"x"' }),
      ]),
    );
    expect(problems).toHaveLength(5);
  });

  it('look inside the one branch of a union that takes the value', () => {
    expect(validator.validate(Options, { path: { fil: 'x' } }, { at: '', fillDefaults: true })).toMatchObject(
      [{ at: 'path.fil', suggestion: 'file' }],
    );
    expect(validator.validate(Options, { path: {} }, { at: '', fillDefaults: true })).toMatchObject([
      { at: 'path.file', message: '"file" is missing', expected: 'string' },
    ]);
    expect(validator.validate(Options, { path: 3 }, { at: '', fillDefaults: true })).toMatchObject([
      { at: 'path', expected: 'string or an object', found: '3' },
    ]);
  });

  it('are none for a valid value, which then has its defaults', () => {
    const value: Record<string, unknown> = {};
    expect(validator.validate(Options, value, { at: '', fillDefaults: true })).toEqual([]);
    expect(value).toEqual({ steps: 10, mode: 'fast', inner: { rate: 0.5 } });
  });

  it('of a schema that is none name the place', () => {
    expect(() => validator.validate({ type: 'nonsense' }, 1, { at: 'plugins[0]' })).toThrow(
      expect.objectContaining({ code: 'AF_SCHEMA_INVALID', at: 'plugins[0]' }),
    );
  });
});

it('schemas may share an $id, and draft 2020-12 is understood', () => {
  const first = { $id: 'x:same', type: 'number' };
  const second = { $id: 'x:same', type: 'string' };
  expect(validator.validate(first, 1, { at: '' })).toEqual([]);
  expect(validator.validate(second, 'a', { at: '' })).toEqual([]);
  const modern = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    prefixItems: [{ type: 'number' }],
    items: false,
  };
  expect(validator.validate(modern, [1], { at: '' })).toEqual([]);
  expect(validator.validate(modern, [1, 2], { at: '' })).toHaveLength(1);
});

it('validated gives a checked copy', () => {
  const given = { inner: {} };
  expect(validated(validator, Options, given, 'x')).toEqual({
    steps: 10,
    mode: 'fast',
    inner: { rate: 0.5 },
  });
  expect(given).toEqual({ inner: {} });
  expect(() => validated(validator, Options, { steps: 'a' }, 'x')).toThrow(
    expect.objectContaining({
      code: 'AF_CONFIG_INVALID',
      problems: [expect.objectContaining({ at: 'x.steps' })],
    }),
  );
});
