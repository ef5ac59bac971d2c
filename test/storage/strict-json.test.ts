import fc from 'fast-check';
import { encodeStrict } from '../../storage/strict-json.js';
import { thrownBy } from './support/scratch.js';

it('keeps whatever JSON can hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(JSON.parse(encodeStrict(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(encodeStrict({ a: undefined, b: [1, null], c: Object.create(null) })).toBe('{"b":[1,null],"c":{}}');
});

class Point {
  x = 1;
}
const cycle: Record<string, unknown> = {};
cycle['self'] = { cycle };
const twice = { shared: 1 };

it('keeps an object that occurs twice without being above itself', () => {
  expect(encodeStrict([twice, twice])).toBe('[{"shared":1},{"shared":1}]');
});

it.each([
  ['NaN', { loss: [1, NaN] }, 'state.loss[1]'],
  ['Infinity', { a: { b: Infinity } }, 'state.a.b'],
  ['-Infinity', -Infinity, 'state'],
  ['undefined in a list', [undefined], 'state[0]'],
  ['a hole', Array(1), 'state[0]'],
  ['a big integer', { n: 1n }, 'state.n'],
  ['a function', { f: () => 1 }, 'state.f'],
  ['a symbol', { s: Symbol('x') }, 'state.s'],
  ['a typed array', { w: new Float32Array(2) }, 'state.w'],
  ['a map', { m: new Map() }, 'state.m'],
  ['a date', { d: new Date(0) }, 'state.d'],
  ['a class instance', { p: new Point() }, 'state.p'],
  ['a toJSON method', { t: { toJSON: () => 1 } }, 'state.t'],
  ['a cycle', cycle, 'state.self.cycle'],
])('refuses %s, saying where', async (_what, value, at) => {
  expect(await thrownBy(() => encodeStrict(value))).toMatchObject({ code: 'AF_CHECKPOINT_STATE', at });
});
