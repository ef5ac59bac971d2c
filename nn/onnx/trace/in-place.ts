import { reachable } from '../graph/graph.js';
import type { Node, Value } from '../graph/value.js';

/**
 * Whether a carried tensor can be written where it lies: what replaces it is the tensor itself with some elements
 * overwritten, and everything else that reads it has done so by then, because the overwriting depends on it. (The kernel
 * of ScatterElements copies nothing where input and output are one buffer.)
 *
 * @param before the tensor as the graph reads it
 * @param next what replaces it
 * @param nodes all that run
 */
export function isWrittenInPlace(before: Value, next: Value, nodes: readonly Node[]): boolean {
  if (next.source.kind !== 'node' || next.source.node.op !== 'ScatterElements') return false;
  const write = next.source.node;
  const [data, ...others] = write.inputs as [Value, ...Value[]];
  if (sourceOf(data) !== before) return false;
  const earlier = new Set(reachable(others));
  return viewsOf(before, nodes).every((view) =>
    nodes.every((node) => node === write || isView(node) || !node.inputs.includes(view) || earlier.has(node)),
  );
}

/** The value that reshapes were made of. */
function sourceOf(value: Value): Value {
  if (value.source.kind !== 'node' || !isView(value.source.node)) return value;
  return sourceOf(value.source.node.inputs[0]!);
}

/** A value and all reshapes of it: they are the same memory. */
function viewsOf(value: Value, nodes: readonly Node[]): Value[] {
  const views = [value];
  for (const node of nodes) if (isView(node) && views.includes(node.inputs[0]!)) views.push(node.outputs[0]!);
  return views;
}

function isView({ op }: Node): boolean {
  return op === 'Reshape';
}
