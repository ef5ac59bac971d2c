/**
 * A typed name of an extension point. `T` is what plugins provide under it and what `resolve` gives back.
 * Plugins and kernel meet only through tokens; nobody imports another plugin's files.
 */
export interface Token<T> {
  readonly id: string;
  /** Carries `T` for the compiler only; never present at run time. */
  readonly __type?: (value: T) => T;
}

/** Make a typed token. `id` is lower-case and unique, for example `merge`. */
export function createToken<T>(id: string): Token<T> {
  return Object.freeze({ id });
}
