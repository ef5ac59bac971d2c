import type {
  Static,
  StringOptions,
  TArray,
  TObject,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TString,
  TUnion,
} from '@sinclair/typebox';

/** By what TypeBox knows its own schemas. It is not loaded for the two made here: everything imports this module. */
const Kind = Symbol.for('TypeBox.Kind');

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

/** What a user may write for options of schema `S`: values with a default may be left out, at any depth. */
export type OptionsInput<S extends TSchema> =
  S extends TObject<infer P>
    ? RecordInput<P>
    : S extends TArray<infer Member>
      ? readonly OptionsInput<Member>[]
      : S extends TUnion<infer Members>
        ? OptionsInput<Members[number]>
        : S extends TRecord<infer Key, infer Value>
          ? { readonly [K in Static<Key> & string]: OptionsInput<Value> }
          : Static<S>;

/** Without members, nothing may be written: `{}` would take anything. */
type RecordInput<P extends TProperties> = keyof P extends never
  ? Readonly<Record<string, never>>
  : // Inferred, it is one record instead of two, and the compiler's messages list its members.
    { [K in keyof P as MayBeOmitted<P[K]> extends true ? K : never]?: OptionsInput<P[K]> } & {
        [K in keyof P as MayBeOmitted<P[K]> extends true ? never : K]: OptionsInput<P[K]>;
      } extends infer Both
    ? { [K in keyof Both]: Both[K] }
    : never;

/** What a plugin gets: every default filled in. */
export type OptionsOutput<S extends TSchema> = Static<S>;

/** The schema of a plugin without options. */
export const NoOptions = {
  [Kind]: 'Object',
  type: 'object',
  properties: {},
  additionalProperties: false,
} as unknown as TObject<{}>;

/** What {@link pathOption} adds to a schema. */
interface PathAnnotation {
  readonly relativeTo: 'config';
}

/**
 * An option that is the path of a file or folder. Users write it relative to the file that says it (or to the working
 * folder, on the command line); the plugin gets an absolute path.
 */
export function pathOption(settings: StringOptions = {}): TString {
  const annotation: PathAnnotation = { relativeTo: 'config' };
  return { [Kind]: 'String', minLength: 1, ...settings, ...annotation, type: 'string' } as unknown as TString;
}

/** Whether a schema was made by {@link pathOption}. */
export function isPathOption(schema: object): boolean {
  return (schema as Partial<PathAnnotation>).relativeTo === 'config';
}

/** Which keys of a record name a plugin and hold options for it. */
export interface PluginSlot {
  /** The key with the name; several where another one can stand for it (a folder that says which plugin). */
  readonly names: readonly string[];
  /** Keys with what only that plugin understands. */
  readonly options: readonly string[];
}

/**
 * Annotation for the schema of a record that names a plugin and holds options for it: a config that names another
 * plugin there loses the options that layers below it gave to the first. Records with the keys `use` and `options`
 * are known without it.
 *
 * @example Type.Object({ architecture: Type.String(), hyperparameters: ... }, pluginSlot('architecture', ['hyperparameters']))
 */
export function pluginSlot(
  name: string | readonly string[],
  options: readonly string[],
): { readonly pluginSlot: PluginSlot } {
  return { pluginSlot: { names: typeof name === 'string' ? [name] : name, options } };
}

/** The slot that the schema of a record describes, or null. */
export function slotOf(schema: object): PluginSlot | null {
  const { pluginSlot: slot, properties } = schema as { pluginSlot?: PluginSlot; properties?: object };
  if (slot !== undefined) return slot;
  const keys = Object.keys(properties ?? {});
  return keys.includes('use') && keys.includes('options') ? { names: ['use'], options: ['options'] } : null;
}
