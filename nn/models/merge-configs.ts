import { ForgeError } from '../../core/errors/index.js';

/**
 * Element by element the mean of values that differ in numbers only; whole numbers stay whole.
 *
 * @param at what is averaged, for messages
 * @throws ForgeError AF_HANDOFF_INVALID naming what differs and has no mean
 */
export function meanOf(at: string, values: readonly unknown[]): unknown {
  const [first] = values;
  if (values.every((value) => JSON.stringify(value) === JSON.stringify(first))) return first;
  if (values.every((value) => typeof value === 'number')) {
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.every(Number.isInteger) ? Math.round(average) : average;
  }
  if (values.every((value) => Array.isArray(value) && value.length === (first as unknown[]).length))
    return (first as unknown[]).map((_, i) =>
      meanOf(
        `${at}[${i}]`,
        values.map((value) => (value as unknown[])[i]),
      ),
    );
  if (values.every(isRecord)) {
    const names = [...new Set(values.flatMap((value) => Object.keys(value)))];
    return Object.fromEntries(
      names.map((name) => [
        name,
        meanOf(
          `${at}.${name}`,
          values.map((value) => value[name]),
        ),
      ]),
    );
  }
  throw new ForgeError('AF_HANDOFF_INVALID', `The models differ in ${at}, of which there is no mean.`, {
    at,
    fix: 'Merge models of the same architecture and settings.',
    facts: { values },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
