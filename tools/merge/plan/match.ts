import type { Checkpoint } from '../checkpoints/open.js';
import { inLayer, isBeforeLayers, layeredName, layersThere, type LayeredName } from '../checkpoints/names.js';
import type { RecipeSlice, RecipeSource } from '../recipe.js';
import type { LimitedProblems } from './limited.js';
import type { TensorInput } from './tensor-merge.js';

/** A model of a slice with its checkpoint. */
export interface Participant {
  readonly source: RecipeSource;
  readonly checkpoint: Checkpoint;
}

/** The models of a slice, and the base where the technique treats it apart. */
export interface OpenSlice {
  readonly slice: RecipeSlice;
  readonly models: readonly Participant[];
  readonly base: Participant | null;
}

/** The same tensor in every model of a slice. */
export interface MatchedTensor {
  /** In the result. */
  readonly name: string;
  readonly layer: number | undefined;
  /** 0 at the first layer of the slice, 1 at the last; 0 outside of layers. */
  readonly position: number;
  readonly slice: OpenSlice;
  readonly models: readonly TensorInput[];
  readonly base: TensorInput | null;
}

/** Tensors of the result in the order embeddings, layers, the rest; what some models lack is reported. */
export function matchTensors(slices: readonly OpenSlice[], problems: LimitedProblems): MatchedTensor[] {
  const whole = slices[0]!.slice.sources.every(({ layers }) => layers === null);
  return whole ? matchWhole(slices[0]!, problems) : matchStack(slices, problems);
}

function matchWhole(slice: OpenSlice, problems: LimitedProblems): MatchedTensor[] {
  const reference = slice.models[0]!.checkpoint;
  if (!sameLayers(slice, problems)) return [];
  reportExtra(slice, reference.tensors.names, (name) => name, problems);
  return [...reference.tensors.names].sort(inModelOrder).flatMap((name) => {
    const layered = layeredName(name);
    const count = layered === null ? 0 : reference.layers.get(layered.stack)!;
    const position = layered === null ? 0 : count > 1 ? layered.layer / (count - 1) : 1;
    return matched(slice, { name, layer: layered?.layer, position }, () => name, problems);
  });
}

/** Layers of the slices one after another; what stands before them comes from the first slice, what after from the last. */
function matchStack(slices: readonly OpenSlice[], problems: LimitedProblems): MatchedTensor[] {
  const stack = stackOf(slices, problems);
  if (stack === null) return [];
  const outside = (slice: OpenSlice, before: boolean): MatchedTensor[] => {
    const isWanted = (name: string): boolean => layeredName(name) === null && isBeforeLayers(name) === before;
    const names = slice.models[0]!.checkpoint.tensors.names.filter(isWanted).sort();
    reportExtra(slice, names, (name) => (isWanted(name) ? name : null), problems);
    return names.flatMap((name) =>
      matched(slice, { name, layer: undefined, position: 0 }, () => name, problems),
    );
  };
  let next = 0;
  const layers = slices.flatMap((slice) => {
    const [first, end] = slice.models[0]!.source.layers!;
    const made = matchLayers(slice, { stack, first: next }, problems);
    next += end - first;
    return made;
  });
  return [...outside(slices[0]!, true), ...layers, ...outside(slices.at(-1)!, false)];
}

function matchLayers(
  slice: OpenSlice,
  target: { readonly stack: string; readonly first: number },
  problems: LimitedProblems,
): MatchedTensor[] {
  const { source, checkpoint } = slice.models[0]!;
  const [first, end] = source.layers!;
  const layered = checkpoint.tensors.names
    .map(layeredName)
    .filter((name): name is LayeredName => name !== null && name.stack === target.stack);
  return Array.from({ length: end - first }, (_, index) => index).flatMap((index) => {
    const inside = layered
      .filter(({ layer }) => layer === first + index)
      .sort((a, b) => (a.rest < b.rest ? -1 : 1));
    const names = inside.map((name) => inLayer(name, first + index));
    reportExtra(
      slice,
      names,
      (name, from) => toReference(name, target.stack, from.source.layers![0] + index, first + index),
      problems,
    );
    return inside.flatMap((name) => {
      const layer = target.first + index;
      const position = end - first > 1 ? index / (end - first - 1) : 1;
      const nameIn = (from: Participant): string => inLayer(name, from.source.layers![0] + index);
      return matched(slice, { name: inLayer(name, layer), layer, position }, nameIn, problems);
    });
  });
}

/** The name that a tensor of one model's layer has in the reference's layer; null for tensors of other layers. */
function toReference(name: string, stack: string, layer: number, reference: number): string | null {
  const layered = layeredName(name);
  if (layered === null || layered.stack !== stack || layered.layer !== layer) return null;
  return inLayer(layered, reference);
}

function participants({ models, base }: OpenSlice): readonly Participant[] {
  return base === null ? models : [...models, base];
}

function matched(
  slice: OpenSlice,
  tensor: Pick<MatchedTensor, 'name' | 'layer' | 'position'>,
  nameIn: (participant: Participant) => string,
  problems: LimitedProblems,
): MatchedTensor[] {
  const find = (participant: Participant): TensorInput | null => {
    const { checkpoint } = participant;
    const name = nameIn(participant);
    if (checkpoint.tensors.has(name)) return { checkpoint, name };
    reportMissing(name, checkpoint, slice.models[0]!.checkpoint, problems);
    return null;
  };
  const models = slice.models.map(find);
  const base = slice.base === null ? null : find(slice.base);
  const found = models.filter((input) => input !== null);
  if (found.length < models.length || (slice.base !== null && base === null)) return [];
  return [{ ...tensor, slice, models: found, base }];
}

/** Tensors that another model has and the first has not. */
function reportExtra(
  slice: OpenSlice,
  names: readonly string[],
  toFirst: (name: string, from: Participant) => string | null,
  problems: LimitedProblems,
): void {
  const known = new Set(names);
  const [first, ...others] = participants(slice);
  for (const other of others) {
    for (const name of other.checkpoint.tensors.names) {
      const wanted = toFirst(name, other);
      if (wanted !== null && !known.has(wanted))
        reportMissing(wanted, first!.checkpoint, other.checkpoint, problems);
    }
  }
}

function reportMissing(
  name: string,
  { reference, tensors, folder }: Checkpoint,
  other: Checkpoint,
  problems: LimitedProblems,
): void {
  problems.add(`missing ${reference}`, {
    at: name,
    source: tensors.files.length === 1 ? tensors.files[0] : folder,
    message: `the tensor is missing in ${reference}, ${other.reference} has it`,
    fix: 'Merge models of the same architecture.',
  });
}

/** Models with other numbers of layers would differ in hundreds of tensors: say it once. */
function sameLayers(slice: OpenSlice, problems: LimitedProblems): boolean {
  const [first, ...others] = participants(slice);
  const text = (checkpoint: Checkpoint): string => [...checkpoint.layers.values()].join(' + ') || '0';
  const wrong = others.filter(({ checkpoint }) => text(checkpoint) !== text(first!.checkpoint));
  for (const { checkpoint } of wrong)
    problems.add('layers', {
      at: checkpoint.reference,
      source: checkpoint.folder,
      message: `it has ${text(checkpoint)} layers, ${first!.checkpoint.reference} has ${text(first!.checkpoint)}`,
      fix: 'Merge models of the same depth, or take layers from them with slices.',
    });
  return wrong.length === 0;
}

/** The one stack of layers that slices speak of. */
function stackOf(slices: readonly OpenSlice[], problems: LimitedProblems): string | null {
  const all = slices.flatMap(participants);
  const stack = [...all[0]!.checkpoint.layers.keys()][0];
  const wrong: Participant[] = [];
  const report = (participant: Participant, message: string, fix: string): void => {
    wrong.push(participant);
    problems.add('slices', {
      at: participant.source.at,
      source: participant.checkpoint.folder,
      message,
      fix,
    });
  };
  for (const participant of all) {
    const { checkpoint, source } = participant;
    const count = stack === undefined ? undefined : checkpoint.layers.get(stack);
    if (checkpoint.layers.size !== 1 || count === undefined)
      report(
        participant,
        `${checkpoint.reference} has ${checkpoint.layers.size === 0 ? 'no layers by name' : `layers ${[...checkpoint.layers.keys()].join(', ')}`}`,
        'Slices need models with one and the same list of layers, such as model.layers.0, model.layers.1, ...',
      );
    else if (layersThere(checkpoint.tensors.names, stack!) < count)
      report(
        participant,
        `${checkpoint.reference} has tensors of layer ${count - 1}, and none of some layers before it`,
        'Slices need models whose layers are all there, numbered from 0.',
      );
    else if (source.layers![1] > count)
      report(
        participant,
        `layers ${source.layers![0]} to ${source.layers![1]} are asked of ${checkpoint.reference}, which has ${count}`,
        `Layers are counted from 0; the end is at most ${count}.`,
      );
  }
  return wrong.length === 0 ? stack! : null;
}

/** Embeddings, layers by number, the rest. */
function inModelOrder(a: string, b: string): number {
  const [x, y] = [layeredName(a), layeredName(b)];
  const place = (name: string, layered: LayeredName | null): number =>
    layered !== null ? 1 : isBeforeLayers(name) ? 0 : 2;
  const difference = place(a, x) - place(b, y) || (x?.layer ?? 0) - (y?.layer ?? 0);
  return difference || (a < b ? -1 : 1);
}
