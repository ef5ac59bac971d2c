import { CPU_DIALECT, type Dialect } from './dialect.js';
import {
  sizeOf,
  type Attributes,
  type ConstantData,
  type GraphDtype,
  type Node,
  type Value,
  type ValueType,
} from './value.js';

/** Positions within a tensor and what was read or written with them. */
export interface PositionLimit {
  readonly positions: Value;
  readonly extents: readonly number[];
  readonly result: Value;
}

/**
 * A dataflow graph under construction. Every operator is pure, so an application that was made before is not made
 * again: nodes are looked up by operator, operands and attributes (common subexpressions cost nothing).
 */
export class Graph {
  /** What was used as positions, and where: see {@link limitPositions}. */
  readonly limits: PositionLimit[] = [];
  private readonly inputsByName = new Map<string, Value>();
  private readonly nodesByKey = new Map<string, Node>();
  private readonly constantsByKey = new Map<string, Value[]>();
  private nextId = 0;

  constructor(readonly dialect: Dialect = CPU_DIALECT) {}

  get inputs(): readonly Value[] {
    return [...this.inputsByName.values()];
  }

  input(name: string, type: ValueType): Value {
    const value: Value = { id: this.nextId++, ...type, source: { kind: 'input', name } };
    this.inputsByName.set(name, value);
    return value;
  }

  /** A constant; equal constants are one value. */
  constant(data: ConstantData, shape: readonly number[], dtype: GraphDtype): Value {
    const key = `${dtype}[${shape.join(',')}]${fingerprint(data)}`;
    const alike = this.constantsByKey.get(key) ?? [];
    const known = alike.find((value) => sameData(value, data));
    if (known) return known;
    const value: Value = { id: this.nextId++, shape: [...shape], dtype, source: { kind: 'constant', data } };
    this.constantsByKey.set(key, [...alike, value]);
    return value;
  }

  scalar(value: number, dtype: 'float32' | 'int32' | 'bool' = 'float32'): Value {
    const Data = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
    return this.constant(Data.of(value), [], dtype);
  }

  /** A one-dimensional int64 constant: shapes, axes and bounds, which ONNX takes as operands. */
  indices(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  /** Apply an operator. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    types: readonly ValueType[],
    attributes: Attributes = {},
    domain = '',
  ): readonly Value[] {
    const operands = inputs.map((input) => (input ? input.id : '-')).join(',');
    const key = `${domain}:${op}(${operands})${JSON.stringify(attributes)}/${types.length}`;
    const known = this.nodesByKey.get(key);
    if (known) return known.outputs;
    const outputs: Value[] = [];
    const node: Node = { id: this.nextId++, op, domain, inputs, attributes, outputs };
    types.forEach((type, output) =>
      outputs.push({
        id: this.nextId++,
        shape: [...type.shape],
        dtype: type.dtype,
        source: { kind: 'node', node, output },
      }),
    );
    this.nodesByKey.set(key, node);
    return outputs;
  }

  /**
   * Note that elements of `positions` pick from (or write to) a tensor: element i must lie in 0..extents[i mod k]-1,
   * k being the number of extents. `result` is what came of it. Devices need not tell when they do not.
   */
  limitPositions(positions: Value, extents: readonly number[], result: Value): void {
    this.limits.push({ positions, extents, result });
  }

  /** Apply an operator with one result. */
  apply(
    op: string,
    inputs: readonly (Value | null)[],
    type: ValueType,
    attributes: Attributes = {},
    domain = '',
  ): Value {
    return this.node(op, inputs, [type], attributes, domain)[0]!;
  }
}

/** Of a longer constant so many bytes, spread over it, make its digest. */
const DIGESTED_BYTES = 1024;

/** A short digest of a constant (FNV-1a); a collision is settled by comparing. */
function fingerprint(data: ConstantData): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // Odd, so that every byte of a number has its turn.
  const step = bytes.length <= DIGESTED_BYTES ? 1 : Math.floor(bytes.length / DIGESTED_BYTES) | 1;
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i += step) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return `${bytes.length}:${hash >>> 0}`;
}

function sameData(known: Value, data: ConstantData): boolean {
  if (known.source.kind !== 'constant') return false;
  const other = known.source.data;
  if (other.byteLength !== data.byteLength) return false;
  return Buffer.from(other.buffer, other.byteOffset, other.byteLength).equals(
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
}

/** The elements of a constant of one element, as a number; null for everything else. */
export function scalarOf(value: Value): number | null {
  if (value.source.kind !== 'constant' || sizeOf(value.shape) !== 1) return null;
  return Number(value.source.data[0]);
}

/** Nodes that the given values depend on, in an order in which each follows its operands. */
export function reachable(outputs: readonly Value[]): Node[] {
  const seen = new Set<Node>();
  const ordered: Node[] = [];
  const stack: { node: Node; next: number }[] = [];
  const enter = (value: Value | null): void => {
    if (value?.source.kind !== 'node' || seen.has(value.source.node)) return;
    seen.add(value.source.node);
    stack.push({ node: value.source.node, next: 0 });
  };
  for (const output of outputs) {
    enter(output);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (top.next < top.node.inputs.length) enter(top.node.inputs[top.next++]!);
      else ordered.push(stack.pop()!.node);
    }
  }
  return ordered.sort((a, b) => a.id - b.id);
}
