/** A record, as opposed to a list, a class instance or a function; also one made in another realm (a vm context). */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A copy that shares no record or list with the original; instances and functions are kept as they are. */
export function clonePlain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(clonePlain) as T;
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, clonePlain(member)])) as T;
}

/** Freeze records and lists all the way down. */
export function freezePlain<T>(value: T): T {
  if (Array.isArray(value) || isPlainObject(value)) {
    Object.values(value).forEach(freezePlain);
    Object.freeze(value);
  }
  return value;
}
