import {
  Type,
  type Static,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
} from '@sinclair/typebox';

/** A schema whose value may be left out because it has a default. */
export type Defaulted<S extends TSchema> = S & { readonly __hasDefault?: true };

/**
 * Give an option a default: it becomes optional in what users write and is always present in what plugins get.
 * The same schema types the options for the compiler and validates them (ajv) when they come from JSON or YAML.
 */
export function withDefault<S extends TSchema>(schema: S, value: Static<S>): Defaulted<S> {
  return { ...schema, default: value } as Defaulted<S>;
}

type MayBeOmitted<S> =
  S extends TOptional<TSchema>
    ? true
    : S extends { readonly __hasDefault?: true }
      ? '__hasDefault' extends keyof S
        ? true
        : false
      : false;

type Omittable<P extends TProperties> = {
  [K in keyof P]: MayBeOmitted<P[K]> extends true ? K : never;
}[keyof P];

/** What a user may write for options of schema `S`: values with a default may be left out, at any depth. */
export type OptionsInput<S extends TSchema> =
  S extends TObject<infer P>
    ? { [K in Omittable<P>]?: OptionsInput<P[K]> } & {
        [K in Exclude<keyof P, Omittable<P>>]: OptionsInput<P[K]>;
      }
    : Static<S>;

/** What a plugin gets: every default filled in. */
export type OptionsOutput<S extends TSchema> = Static<S>;

/** The schema of a plugin without options. */
export const NoOptions = Type.Object({}, { additionalProperties: false });
