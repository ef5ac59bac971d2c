import { Type, type Static } from '@sinclair/typebox';
import type { MergeMethod } from '../../core/contracts/merge.js';
import type { Settings } from './settings.js';

/** Element types that a merge can be stored in. */
export const FLOAT_DTYPES = ['float32', 'float16', 'bfloat16'] as const;
export type FloatDtype = (typeof FLOAT_DTYPES)[number];

const closed = { additionalProperties: false } as const;

const SettingValueSchema = Type.Union([Type.Number(), Type.Boolean()]);
const GradientSchema = Type.Array(SettingValueSchema, { minItems: 1 });
const FilteredSchema = Type.Object(
  { filter: Type.Optional(Type.String()), value: Type.Union([SettingValueSchema, GradientSchema]) },
  closed,
);

const SettingSchema = Type.Union(
  [SettingValueSchema, GradientSchema, Type.Array(FilteredSchema, { minItems: 1 })],
  {
    description:
      'A value, a list of values (a gradient over the layers), or a list of { filter, value } by part of the tensor name',
  },
);
export const SettingsSchema = Type.Record(Type.String(), SettingSchema);
export const DtypeSchema = Type.Union(FLOAT_DTYPES.map((dtype) => Type.Literal(dtype)));
export const LayerRangeSchema = Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 })], {
  description: 'From the first layer up to, not including, the second; counted from 0',
});

const ModelSchema = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Object(
    {
      model: Type.String({ minLength: 1 }),
      weight: Type.Optional(SettingSchema),
      parameters: Type.Optional(SettingsSchema),
    },
    closed,
  ),
]);

const SourceSchema = Type.Object(
  {
    model: Type.String({ minLength: 1 }),
    layers: LayerRangeSchema,
    weight: Type.Optional(SettingSchema),
    parameters: Type.Optional(SettingsSchema),
  },
  closed,
);

/** agentforge's own recipe, as JSON, YAML or the default export of a module. */
export const RecipeSchema = Type.Object(
  {
    method: Type.String({ description: 'A merge technique: agentforge plugins --point merge' }),
    options: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Options of the technique, over the configured ones',
      }),
    ),
    base: Type.Optional(Type.String({ minLength: 1, description: 'Folder of the common ancestor' })),
    models: Type.Optional(Type.Array(ModelSchema, { minItems: 1 })),
    slices: Type.Optional(
      Type.Array(
        Type.Object(
          { sources: Type.Array(SourceSchema, { minItems: 1 }), parameters: Type.Optional(SettingsSchema) },
          closed,
        ),
        { minItems: 1, description: 'Layers stacked in order, each slice merged from its sources' },
      ),
    ),
    parameters: Type.Optional(SettingsSchema),
    dtype: Type.Optional(DtypeSchema),
    tokenizer: Type.Optional(Type.String({ description: '`base`, `union`, or the folder of a model' })),
    seed: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type Recipe = Static<typeof RecipeSchema>;

/** One model's part in a slice. */
export interface RecipeSource {
  /** Folder, as it was written. */
  readonly model: string;
  /** From the first layer up to, not including, the second; null: all of them. */
  readonly layers: readonly [number, number] | null;
  readonly parameters: Settings;
  /** Where the recipe says it, for messages. */
  readonly at: string;
}

/** Layers that are merged from the same sources. */
export interface RecipeSlice {
  /** Base models excluded when the technique treats the base apart; the rest in order. */
  readonly sources: readonly RecipeSource[];
  /** What the technique gets as the base; null: none. */
  readonly base: RecipeSource | null;
  readonly parameters: Settings;
  readonly at: string;
}

/** A merge, checked, whatever format it was written in. */
export interface MergeRecipe {
  /** The plugin's name. */
  readonly methodName: string;
  readonly method: MergeMethod;
  /** One slice of whole models, or slices that are stacked. */
  readonly slices: readonly RecipeSlice[];
  /** Settings that hold everywhere unless a slice or a source says otherwise. */
  readonly parameters: Settings;
  /** Values of parameters that nobody set, where they differ from the technique's own defaults. */
  readonly defaults: Readonly<Record<string, number | boolean>>;
  /** Parameters that have to be set for every model. */
  readonly required: readonly string[];
  /** The model whose config.json and, unless `tokenizer` says otherwise, tokenizer the result gets. */
  readonly leader: string;
  readonly dtype: FloatDtype | null;
  readonly tokenizer: string | null;
  readonly seed: number;
  readonly origin: RecipeOrigin;
}

/** The recipe as it was written. */
export interface RecipeOrigin {
  readonly format: 'agentforge' | 'mergekit';
  /** The file, for messages. */
  readonly file: string;
  /** YAML; kept beside the merged model. */
  readonly text: string;
}
