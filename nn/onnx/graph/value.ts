/** Element types inside a graph: what tfjs has, int64 for the operands ONNX wants so, and uint8 for codes of weights. */
export type GraphDtype = 'float32' | 'int32' | 'bool' | 'int64' | 'uint8';

/** Host data of a constant. */
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** Attribute of a node, tagged with its ONNX type. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'text'; readonly value: string };

export type Attributes = Readonly<Record<string, Attribute>>;

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const text = (value: string): Attribute => ({ kind: 'text', value });

/** Where a value comes from. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: ConstantData }
  | { readonly kind: 'node'; readonly node: Node; readonly output: number };

/** One tensor of a graph: its type is known, its elements are not (unless it is a constant). */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: GraphDtype;
  readonly source: Source;
}

/** One operator application. */
export interface Node {
  readonly id: number;
  readonly op: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  /** null is an optional operand left out. */
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/** Type of a value to be made. */
export interface ValueType {
  readonly shape: readonly number[];
  readonly dtype: GraphDtype;
}

/** The node that made a value, when it is of the given operator. */
export function madeBy(value: Value, op: string): Node | null {
  return value.source.kind === 'node' && value.source.node.op === op ? value.source.node : null;
}

/** The node that made a value, if any. */
export function producer(value: Value): Node | null {
  return value.source.kind === 'node' ? value.source.node : null;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** Shape of an elementwise result (NumPy rules). @throws Error when the shapes do not go together */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const extents = shapes
      .map((shape) => shape[i - rank + shape.length] ?? 1)
      .filter((extent) => extent !== 1);
    if (extents.some((extent) => extent !== extents[0]))
      throw new Error(
        `shapes ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')} do not broadcast`,
      );
    return extents[0] ?? 1;
  });
}
