import { inspect } from 'node:util';
import { isForgeError, type ErrorCode } from '../core/errors/index.js';

/** Why a conformance case failed. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

/** @throws ConformanceError with `message` unless `condition` holds */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConformanceError(message);
}

/** Same content: NaN equals NaN, arrays and typed arrays compare by element, other objects by key. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  expectThat(sameContent(found, expected), `${what}: expected ${show(expected)}, found ${show(found)}`);
}

/**
 * Every number within `tolerance` of its counterpart, relative to the larger of 1 and the expected magnitude. With
 * tolerance 0 NaN equals NaN.
 */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expectThat(
    found.length === expected.length,
    `${what}: expected ${expected.length} numbers, found ${found.length}`,
  );
  for (let i = 0; i < found.length; i++) {
    const [a, b] = [found[i]!, expected[i]!];
    const same = Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    expectThat(same, `${what}: element ${i} is ${a}, expected ${b} within ${tolerance}`);
  }
}

export function expectFinite(values: ArrayLike<number>, what: string): void {
  for (let i = 0; i < values.length; i++) {
    expectThat(Number.isFinite(values[i]), `${what}: element ${i} is ${values[i]}`);
  }
}

/** The call must fail, with a ForgeError of the given code where one is given. Returns what was thrown. */
export async function expectFailure(call: () => unknown, what: string, code?: ErrorCode): Promise<unknown> {
  let thrown: unknown;
  try {
    await call();
  } catch (error) {
    thrown = error;
  }
  expectThat(thrown !== undefined, `${what}: expected a failure, nothing was thrown`);
  if (code !== undefined) {
    expectThat(isForgeError(thrown, code), `${what}: expected a ForgeError ${code}, found ${show(thrown)}`);
  }
  return thrown;
}

/** Prototypes do not count: test runners give each file its own `Object` and `Array`. */
function sameContent(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  if (left.length !== right.length || ArrayBuffer.isView(a) !== ArrayBuffer.isView(b)) return false;
  return left.every(([key, value]) => key in b && sameContent(value, (b as Record<string, unknown>)[key]));
}

function show(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: 12, maxStringLength: 200, breakLength: Infinity });
}
