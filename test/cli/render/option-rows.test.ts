import { Type } from '@sinclair/typebox';
import { optionRows, typeOf } from '../../../cli/render/option-rows.js';
import { leavesOf } from '../../../cli/render/leaves.js';
import { withDefault } from '../../../core/contracts/options.js';

describe('options of a plugin', () => {
  const schema = Type.Object({
    steps: withDefault(Type.Integer({ minimum: 1, description: 'updates' }), 100),
    name: Type.String(),
    nested: withDefault(
      Type.Object({ rate: withDefault(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), 0.5) }),
      { rate: 0.5 },
    ),
    mode: withDefault(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Null()]), 'a'),
    list: withDefault(Type.Array(Type.String()), []),
  });

  test('nested by path, with type, value or default, description', () =>
    expect(optionRows(schema, { steps: 7, nested: { rate: 0.25 } })).toEqual([
      { path: 'steps', type: 'integer >= 1', value: '7', description: 'updates' },
      { path: 'name', type: 'string', value: 'required', description: '' },
      { path: 'nested.rate', type: 'number > 0 <= 1', value: '0.25', description: '' },
      { path: 'mode', type: '"a" | "b" | null', value: 'a', description: '' },
      { path: 'list', type: 'array of string', value: '[]', description: '' },
    ]));

  test('defaults where no value is given', () =>
    expect(optionRows(schema, {})[2]).toMatchObject({ value: '0.5' }));
  test('no options', () => expect(optionRows({ type: 'object' }, {})).toEqual([]));
  test('enum', () => expect(typeOf({ enum: [1, 'x'] })).toBe('1 | "x"'));
});

test('leaves of a document by config path', () =>
  expect(leavesOf({ a: { b: 1, 'c.d': null }, list: [{ x: true }], none: [] })).toEqual([
    { path: 'a.b', value: 1 },
    { path: 'a["c.d"]', value: null },
    { path: 'list[0].x', value: true },
    { path: 'none', value: [] },
  ]));
