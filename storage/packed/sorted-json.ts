import { encodeJson } from '../../core/contracts/json-numbers.js';
import { isObject } from '../is-object.js';

/** JSON with the members of every object in the order of their names: equal values give equal texts. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(JSON.parse(encodeJson(value)), (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
