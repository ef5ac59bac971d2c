import { describeValue } from '../validation/describe.js';
import { joinPath } from '../validation/path.js';
import { isPlainObject } from '../validation/plain.js';
import { canonicalJson } from './canonical.js';

export interface Difference {
  readonly at: string;
  readonly before: string;
  readonly now: string;
}

/** The values that differ between two configs, by path. */
export function differences(before: unknown, now: unknown, at = ''): Difference[] {
  if (isPlainObject(before) && isPlainObject(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences(before[key], now[key], joinPath(at, key)));
  }
  const same =
    before === now ||
    (before !== undefined && now !== undefined && canonicalJson(before) === canonicalJson(now));
  return same ? [] : [{ at, before: shown(before), now: shown(now) }];
}

function shown(value: unknown): string {
  return Array.isArray(value) ? describeValue(value.join(', ')) : describeValue(value);
}
