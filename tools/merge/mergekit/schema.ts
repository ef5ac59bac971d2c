import { Type, type Static } from '@sinclair/typebox';
import { DtypeSchema, LayerRangeSchema, SettingsSchema } from '../recipe.js';

const closed = { additionalProperties: false } as const;
const Reference = Type.String({ minLength: 1 });

/** A document of mergekit's YAML. What is refused by name may hold anything here. */
export const MergekitSchema = Type.Object(
  {
    merge_method: Type.String({ minLength: 1 }),
    name: Type.Optional(Type.String({ minLength: 1 })),
    models: Type.Optional(
      Type.Array(Type.Object({ model: Reference, parameters: Type.Optional(SettingsSchema) }, closed), {
        minItems: 1,
      }),
    ),
    slices: Type.Optional(
      Type.Array(
        Type.Object(
          {
            sources: Type.Array(
              Type.Object(
                {
                  model: Reference,
                  layer_range: LayerRangeSchema,
                  parameters: Type.Optional(SettingsSchema),
                },
                closed,
              ),
              { minItems: 1 },
            ),
            base_model: Type.Optional(Reference),
            residual_weight: Type.Optional(Type.Unknown()),
            parameters: Type.Optional(SettingsSchema),
          },
          closed,
        ),
        { minItems: 1 },
      ),
    ),
    base_model: Type.Optional(Reference),
    parameters: Type.Optional(SettingsSchema),
    dtype: Type.Optional(DtypeSchema),
    out_dtype: Type.Optional(DtypeSchema),
    tokenizer_source: Type.Optional(Reference),
    modules: Type.Optional(Type.Unknown()),
    tokenizer: Type.Optional(Type.Unknown()),
    chat_template: Type.Optional(Type.Unknown()),
  },
  closed,
);
export type MergekitDocument = Static<typeof MergekitSchema>;
