/** What a member of an implementation must be; `?` behind it: or left out. */
export type MemberKind = 'function' | 'function?' | 'text' | 'list' | 'schema' | 'schema or null';

/**
 * A typed name of an extension point. `T` is what plugins provide under it and what `resolve` gives back.
 * Plugins and kernel meet only through tokens; nobody imports another plugin's files.
 */
export interface Token<T> {
  readonly id: string;
  /** Members that every implementation has: checked when it is created, so that the plugin is named and not its user. */
  readonly members?: Readonly<Record<string, MemberKind>>;
  /** Carries `T` for the compiler only; never present at run time. */
  readonly __type?: (value: T) => T;
}

/**
 * Make a typed token.
 * @param id lower-case and unique, for example `merge`
 * @param members what an implementation must have
 */
export function createToken<T>(id: string, members?: { readonly [K in keyof T]?: MemberKind }): Token<T> {
  return Object.freeze({ id, members: members as Readonly<Record<string, MemberKind>> | undefined });
}
