import type { ArtifactRef, ModelRef } from '../../../../core/contracts/model.js';
import type { StoreContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { storeModel, type FinishedModel } from '../model/store.js';
import type { CalibratedModel } from '../training/recalibrate.js';
import type { PackedModel } from './pack.js';
import type { LatentModel } from './latent.js';

/** The three forms of the model. */
export interface StoredForms {
  /** Packed codes: what runs. */
  readonly ternary: ModelRef;
  /** The same numbers as half floats, for programs that cannot read codes. */
  readonly twin: ModelRef;
  /** Latents with the state of their training, which goes on from them. */
  readonly latent: ModelRef;
}

/** What the forms have in common. */
export type FormsFacts = Pick<
  FinishedModel,
  'tokenizer' | 'halting' | 'thoughts' | 'tools' | 'personas' | 'data' | 'parents' | 'metrics'
>;

export interface Storing {
  /** Of the packed form; the others are `<name>-fp16` and `<name>-latent`. */
  readonly name: string;
  readonly applied: CalibratedModel;
  readonly packed: PackedModel;
  /** The packed weights as half floats. */
  readonly twinWeights: TensorDict;
  readonly latent: LatentModel;
  /** Moments of the optimizer and all else that training goes on from; empty where nothing was trained. */
  readonly trainingState: TensorDict;
  /** Files beside the packed form; absent: none. */
  readonly sidecars?: Readonly<Record<string, ArtifactRef>>;
  readonly facts: FormsFacts;
}

/** Store the model in its three forms. */
export async function storeForms(
  ctx: Parameters<typeof storeModel>[0],
  { name, applied, packed, twinWeights, latent, trainingState, sidecars: own = {}, facts }: Storing,
): Promise<StoredForms> {
  const file = await ctx.store.put('model.packed', packed.bytes);
  const sidecars = {
    layer_map: await ctx.store.put('layer-map.json', `${JSON.stringify(layersOf(packed), null, 1)}\n`),
  };
  const shape = { ...applied, config: { ...applied.config } };
  return {
    ternary: await storeModel(ctx, {
      ...{ ...facts, name, shape, weights: packed.weights, sidecars: { ...sidecars, ...own } },
      ...{ format: 'ternary', file },
    }),
    twin: await storeModel(ctx, {
      ...{ ...facts, name: `${name}-fp16`, shape, weights: twinWeights, sidecars, format: 'fp16' },
      storedTypes: Object.fromEntries(Object.keys(twinWeights).map((tensor) => [tensor, 'F16' as const])),
    }),
    latent: await storeModel(ctx, {
      ...{ ...facts, name: `${name}-latent`, weights: latent.weights, shape: latent },
      sidecars: { ...sidecars, ...(await stateSidecar(ctx, trainingState)) },
    }),
  };
}

/** Nothing where nothing was trained. */
async function stateSidecar(
  ctx: Pick<StoreContext, 'store'>,
  tensors: TensorDict,
): Promise<Readonly<Record<string, ArtifactRef>>> {
  if (Object.keys(tensors).length === 0) return {};
  const metadata = { format: 'pt', content: 'weights, averages and moments of the optimizer' };
  return { training_state: await ctx.store.putTensors('training-state.safetensors', tensors, { metadata }) };
}

/** What every tensor is held as. */
export function layersOf({ tensors }: PackedModel) {
  return tensors.map(({ tensor: { name, role, shape }, format, compressed }) => ({
    ...{ name, role, shape, format },
    bytes: compressed.bytes.byteLength,
  }));
}
