import fc from 'fast-check';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../core/contracts/half.js';

function bitsOf(values: readonly number[]): Uint32Array {
  return new Uint32Array(Float32Array.from(values).buffer);
}

function narrow(convert: typeof toFloat16, values: readonly number[]): number[] {
  const out = new Uint16Array(values.length);
  convert(bitsOf(values), out);
  return [...out];
}

function widen16(half: Uint16Array): Float32Array {
  const out = new Float32Array(half.length);
  fromFloat16(half, out, new Uint32Array(out.buffer));
  return out;
}

const allHalves = Uint16Array.from({ length: 65_536 }, (_, i) => i);

/** Value of float16 bits by the definition in IEEE 754, in double precision. */
function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe('float16', () => {
  it('narrows hand-computed values, ties to even', () => {
    const cases: readonly (readonly [number, number])[] = [
      [0, 0x0000],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65519.99609375, 0x7bff],
      [65520, 0x7c00],
      [1e30, 0x7c00],
      [Infinity, 0x7c00],
      [-Infinity, 0xfc00],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [1 + 2 ** -11 + 2 ** -23, 0x3c01],
      [2 - 2 ** -12, 0x4000],
      [2 ** -14, 0x0400],
      [2 ** -14 - 2 ** -25, 0x0400],
      [2 ** -14 - 2 ** -24, 0x03ff],
      [2 ** -24, 0x0001],
      [2 ** -25, 0x0000],
      [2 ** -25 + 2 ** -48, 0x0001],
      [3 * 2 ** -25, 0x0002],
      [5 * 2 ** -25, 0x0002],
      [2 ** -26, 0x0000],
      [2 ** -149, 0x0000],
      [-(2 ** -25) * 1.5, 0x8001],
    ];
    expect(
      narrow(
        toFloat16,
        cases.map(([value]) => value),
      ),
    ).toEqual(cases.map(([, half]) => half));
  });

  it('keeps NaN a NaN and quiet', () => {
    const out = new Uint16Array(3);
    toFloat16(Uint32Array.of(0x7fc00000, 0xff800001, 0x7f802000), out);
    for (const half of out) expect(half & 0x7e00).toBe(0x7e00);
    expect([...out].map((half) => half >> 15)).toEqual([0, 1, 0]);
  });

  it('widens all 65,536 values to what IEEE 754 says', () => {
    const widened = widen16(allHalves);
    expect([...widened].every((value, half) => Object.is(value, float16Value(half)))).toBe(true);
  });

  it('narrows every widened value to itself', () => {
    const back = new Uint16Array(65_536);
    toFloat16(new Uint32Array(widen16(allHalves).buffer), back);
    const isNaN16 = (half: number): boolean => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    expect([...back].every((half, i) => half === i || (isNaN16(i) && half === (i | 0x200)))).toBe(true);
  });

  it('gives the nearest value, the even one of two, for any float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [half = 0] = narrow(toFloat16, [value]);
        const overflows = Math.abs(value) >= 65520;
        if (overflows) return (half & 0x7fff) === 0x7c00;
        const distance = Math.abs(float16Value(half) - value);
        return [half - 1, half + 1].every((other) => {
          if ((other & 0x7fff) >= 0x7c00 || (other ^ half) & 0x8000) return true;
          const further = Math.abs(float16Value(other) - value) - distance;
          return further > 0 || (further === 0 && (half & 1) === 0);
        });
      }),
      { numRuns: 5000 },
    );
  });
});

describe('bfloat16', () => {
  it('narrows hand-computed values, ties to even', () => {
    const cases: readonly (readonly [number, number])[] = [
      [0, 0x0000],
      [-0, 0x8000],
      [1, 0x3f80],
      [1 + 2 ** -8, 0x3f80],
      [1 + 3 * 2 ** -8, 0x3f82],
      [1 + 2 ** -8 + 2 ** -23, 0x3f81],
      [3.3895313892515355e38, 0x7f7f],
      [3.4028234663852886e38, 0x7f80],
      [Infinity, 0x7f80],
      [-Infinity, 0xff80],
      [2 ** -133, 0x0001],
      [2 ** -134, 0x0000],
      [3 * 2 ** -134, 0x0002],
    ];
    expect(
      narrow(
        toBfloat16,
        cases.map(([value]) => value),
      ),
    ).toEqual(cases.map(([, half]) => half));
  });

  it('keeps NaN a NaN, whatever bits are cut off', () => {
    const out = new Uint16Array(3);
    toBfloat16(Uint32Array.of(0x7f800001, 0xffffffff, 0x7fc00000), out);
    expect([...out]).toEqual([0x7fc0, 0xffff, 0x7fc0]);
  });

  it('narrows every widened value to itself', () => {
    const wide = new Uint32Array(65_536);
    fromBfloat16(allHalves, wide);
    const back = new Uint16Array(65_536);
    toBfloat16(wide, back);
    const isNaN16 = (half: number): boolean => (half & 0x7f80) === 0x7f80 && (half & 0x7f) !== 0;
    expect([...back].every((half, i) => half === (isNaN16(i) ? i | 0x40 : i))).toBe(true);
  });
});
