import { Type, type Static } from '@sinclair/typebox';
import type { TensorDescription, TensorRole } from '../../../core/contracts/architecture.js';
import type { BakingTensors } from '../../../core/contracts/baking.js';
import { withDefault } from '../../../core/contracts/options.js';
import { lora } from '../../../nn/adapters/index.js';

/** The roles that are adapted by default. */
const ATTENTION_ROLES = [
  'attention-query',
  'attention-key',
  'attention-value',
  'attention-output',
] as const satisfies readonly TensorRole[];

const AdapterOptions = Type.Object(
  {
    rank: withDefault(Type.Integer({ minimum: 1, description: 'Columns of A, rows of B.' }), 8),
    alpha: withDefault(
      Type.Number({ exclusiveMinimum: 0, description: 'The change is alpha / rank times A B.' }),
      8,
    ),
    roles: withDefault(
      Type.Union([Type.Array(Type.String(), { minItems: 1, uniqueItems: true }), Type.Null()], {
        description: 'Roles of the linear matrices that get an adapter; null: all.',
      }),
      [...ATTENTION_ROLES],
    ),
    layers: withDefault(
      Type.Union(
        [Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, uniqueItems: true }), Type.Null()],
        {
          description:
            'Zero-based layers that get adapters; null: all, tensors shared by all layers included.',
        },
      ),
      null,
    ),
  },
  { additionalProperties: false },
);
type AdapterOptions = Static<typeof AdapterOptions>;

/** Options of what a baking method trains. @param usual where the config says nothing */
export function trainedProperties(usual: 'adapters' | 'all') {
  return {
    train: withDefault(
      Type.Union([Type.Literal('adapters'), Type.Literal('all')], {
        description: 'Low-rank adapters, which are merged in the end, or all weights.',
      }),
      usual,
    ),
    adapters: withDefault(AdapterOptions, {
      ...{ rank: 8, alpha: 8, layers: null },
      roles: [...ATTENTION_ROLES],
    }),
  };
}

/** What {@link trainedProperties} gives. */
export interface TrainedOptions {
  readonly train: 'adapters' | 'all';
  readonly adapters: AdapterOptions;
}

/**
 * Low-rank adapters, or the weights themselves.
 * @param untrained roles that the objective does not reach, of all weights
 * @throws ForgeError AF_CONFIG_INVALID when the model has no matrix of the roles
 */
export function trainedTensors(
  model: readonly TensorDescription[],
  { train, adapters }: TrainedOptions,
  untrained: readonly TensorRole[] = [],
): BakingTensors {
  if (train === 'all') return ownTensors(model, untrained);
  const {
    tensors: added,
    transform,
    initial,
    merge,
  } = lora(model, {
    ...adapters,
    roles: adapters.roles as TensorRole[] | null,
  });
  return { added, trainable: added.map(({ name }) => name), transform, initial, merge };
}

function ownTensors(model: readonly TensorDescription[], untrained: readonly TensorRole[]): BakingTensors {
  const trainable = model.filter(({ role }) => !untrained.includes(role)).map(({ name }) => name);
  return { added: [], trainable, initial: () => ({}), merge: (weights) => weights };
}
