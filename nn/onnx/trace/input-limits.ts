import type { Graph, PositionLimit } from '../graph/graph.js';
import { scalarOf } from '../graph/graph.js';
import { sizeOf, type Node, type Value } from '../graph/value.js';

/** What the elements of an input must be, so that every position they are used as exists. */
export interface InputLimit {
  /** Name of an int32 input of the graph. */
  readonly input: string;
  /** Elements `from` to `to` - 1 of the input, row-major, are meant. */
  readonly from: number;
  readonly to: number;
  /** 0, or -Infinity where the function itself raises what is too low. */
  readonly lowest: number;
  /** Element i is below `extents[i mod extents.length]`. */
  readonly extents: readonly number[];
}

/** Part of an input on its way from the place where it is used as positions. */
interface Part extends Omit<InputLimit, 'input'> {
  readonly value: Value;
}

/**
 * Limits of the inputs that reach a gather or a scatter as they are: reshaped, cast, repeated, cut along the first
 * dimension or clipped from below. Positions that are computed are not followed.
 *
 * @param used nodes that are run at all
 */
export function inputLimits(graph: Graph, used: ReadonlySet<Node>): InputLimit[] {
  const found = new Map<string, InputLimit>();
  for (const limit of graph.limits) {
    if (limit.result.source.kind !== 'node' || !used.has(limit.result.source.node)) continue;
    const traced = follow(start(limit));
    if (traced) found.set(JSON.stringify(traced), traced);
  }
  return [...found.values()];
}

function start({ positions, extents }: PositionLimit): Part {
  return { value: positions, from: 0, to: sizeOf(positions.shape), lowest: 0, extents };
}

function follow(part: Part): InputLimit | null {
  let at: Part | null = part;
  while (at?.value.source.kind === 'node') at = before(at.value.source.node, at);
  if (at?.value.source.kind !== 'input' || at.value.dtype !== 'int32') return null;
  const { from, to, lowest, extents } = at;
  return { input: at.value.source.name, from, to, lowest, extents };
}

/** The same elements one node earlier; null where the node changes them in another way. */
function before(node: Node, part: Part): Part | null {
  const source = node.inputs[0]!;
  switch (node.op) {
    case 'Reshape':
      return { ...part, value: source };
    case 'Cast':
      return source.dtype === 'int32' || source.dtype === 'int64' ? { ...part, value: source } : null;
    case 'Max':
      return raised(node, part);
    case 'Expand':
      return repeated(node, part);
    case 'Slice':
      return cut(node, part);
    case 'Gather':
      return picked(node, part);
    default:
      return null;
  }
}

/** max(x, c) with c >= 0 is never too low. */
function raised(node: Node, part: Part): Part | null {
  const [a, b] = node.inputs as [Value, Value];
  const [value, least] = scalarOf(b) === null ? [b, scalarOf(a)] : [a, scalarOf(b)];
  if (least === null || least < 0 || least >= Math.min(...part.extents)) return null;
  if (sizeOf(value.shape) !== sizeOf(node.outputs[0]!.shape)) return null;
  return { ...part, value, lowest: -Infinity };
}

/** All of a broadcast tensor is read somewhere. */
function repeated(node: Node, part: Part): Part | null {
  const source = node.inputs[0]!;
  const whole = part.from === 0 && part.to === sizeOf(node.outputs[0]!.shape);
  if (!whole || part.extents.length > 1) return null;
  return { ...part, value: source, to: sizeOf(source.shape) };
}

/** Rows of the first dimension lie together. */
function cut(node: Node, part: Part): Part | null {
  const [, starts, , axes, steps] = node.inputs as Value[];
  if (scalarOf(axes!) !== 0 || scalarOf(steps!) !== 1) return null;
  return after(node, part, scalarOf(starts!)!);
}

/** Neighbouring rows of the first dimension, picked by their positions. */
function picked(node: Node, part: Part): Part | null {
  const { axis } = node.attributes;
  const rows = node.inputs[1]!.source;
  if (rows.kind !== 'constant' || axis?.kind !== 'int' || axis.value !== 0) return null;
  const [first, ...rest] = [...rows.data].map(Number);
  if (first === undefined || rest.some((row, i) => row !== first + i + 1)) return null;
  return after(node, part, first);
}

/** A part that begins `rows` rows into what the node takes. */
function after(node: Node, part: Part, rows: number): Part | null {
  const source = node.inputs[0]!;
  const skipped = rows * sizeOf(source.shape.slice(1));
  if (skipped < 0 || skipped % part.extents.length !== 0) return null;
  return { ...part, value: source, from: part.from + skipped, to: part.to + skipped };
}
