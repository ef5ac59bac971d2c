import { reachable } from '../graph/graph.js';
import { sizeOf, type Node, type Value } from '../graph/value.js';

/**
 * Whether a carried tensor can be written where it lies: what replaces it is the tensor itself with some elements
 * overwritten, everything else that reads it has done so by then, because the overwriting depends on it, and the graph
 * gives out nothing that may be the same memory: when that is copied is not known. (The kernel of ScatterElements copies
 * nothing where input and output are one buffer.)
 *
 * @param before the tensor as the graph reads it
 * @param next what replaces it
 * @param outputs of the graph
 */
export function isWrittenInPlace(before: Value, next: Value, outputs: readonly Value[]): boolean {
  if (next.source.kind !== 'node' || next.source.node.op !== 'ScatterElements') return false;
  const write = next.source.node;
  const [data, ...others] = write.inputs as [Value, ...Value[]];
  if (sourceOf(data) !== before) return false;
  const earlier = new Set(reachable(others));
  const nodes = reachable(outputs);
  const views = viewsOf(before, nodes);
  const reads = ({ inputs, outputs: made }: Node): boolean =>
    inputs.some((input) => views.has(input)) && !made.every((view) => views.has(view));
  return (
    !outputs.some((output) => views.has(output)) &&
    nodes.every((node) => node === write || earlier.has(node) || !reads(node))
  );
}

/** The value that reshapes were made of. */
function sourceOf(value: Value): Value {
  if (value.source.kind !== 'node' || value.source.node.op !== 'Reshape') return value;
  return sourceOf(value.source.node.inputs[0]!);
}

/** A value and all that may be the same memory. @param nodes each after its operands */
function viewsOf(value: Value, nodes: readonly Node[]): ReadonlySet<Value | null> {
  const views = new Set<Value | null>([value]);
  for (const node of nodes)
    for (const output of node.outputs) if (mayBeView(node, output, views)) views.add(output);
  return views;
}

/**
 * onnxruntime hands the buffer on in reshapes, and leaves out operators that change nothing: Identity, Expand, Slice or
 * Transpose of everything, adding 0. Each of them keeps type and number of elements, and its other operands are constants;
 * whatever else is so (a product with 2) is taken for one, which costs a copy and no number.
 */
function mayBeView({ inputs }: Node, output: Value, views: ReadonlySet<Value | null>): boolean {
  const [viewed, ...others] = inputs.filter((input) => input?.source.kind !== 'constant' && input !== null);
  return (
    viewed !== undefined &&
    viewed !== null &&
    others.length === 0 &&
    views.has(viewed) &&
    viewed.dtype === output.dtype &&
    sizeOf(viewed.shape) === sizeOf(output.shape)
  );
}
