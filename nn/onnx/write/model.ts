import { ForgeError } from '../../../core/errors/index.js';
import { CPU_DIALECT } from '../graph/dialect.js';
import { reachable } from '../graph/graph.js';
import type { Attribute, GraphDtype, Node, Value } from '../graph/value.js';
import { ProtobufWriter } from './protobuf.js';

const IR_VERSION = 13;
const CONTRIB_DOMAIN = 'com.microsoft';

/** TensorProto.DataType. */
const DATA_TYPE: Readonly<Record<GraphDtype, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };
/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE: Readonly<Record<Attribute['kind'], number>> = { float: 1, int: 2, text: 3, ints: 7 };

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

export interface GraphDescription {
  readonly inputs: readonly Value[];
  readonly outputs: readonly GraphOutput[];
  /** Version of the ai.onnx operator set; default: the newest. */
  readonly opset?: number;
  /** Leave the shapes of inputs and outputs out: tensors of any shape are taken. */
  readonly ofAnyShape?: boolean;
}

/** A protocol buffer ends at 2 GiB; onnxruntime holds the constants a second time while it reads them. */
const MOST_CONSTANT_BYTES = 2 ** 30;

/**
 * Serialise a graph as an ONNX ModelProto (onnx.proto3 of ONNX IR version 13). Only what the outputs depend on is
 * written. An output that is itself an input or a constant, or is output twice, goes through an Identity node.
 *
 * @param name of the program, for messages; it is not written, so that equal graphs are equal bytes
 * @throws ForgeError AF_ENGINE_FUNCTION when more bytes of constants than `mostConstantBytes` are in the graph
 */
export function writeModel(
  graph: GraphDescription,
  name: string,
  mostConstantBytes = MOST_CONSTANT_BYTES,
): Uint8Array {
  const nodes = reachable(graph.outputs.map((output) => output.value));
  const constants = constantsOf(nodes, graph.outputs);
  checkSize(name, constants, mostConstantBytes);
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, 'agentforge')
    .message(7, (writer) => writeGraph(writer, graph, nodes, constants))
    .message(8, (opset) => opset.text(1, '').integer(2, graph.opset ?? CPU_DIALECT.opset))
    .message(8, (opset) => opset.text(1, CONTRIB_DOMAIN).integer(2, 1))
    .finish();
}

function writeGraph(
  writer: ProtobufWriter,
  graph: GraphDescription,
  nodes: readonly Node[],
  constants: ReadonlySet<Value>,
): void {
  const names = new Map<Value, string>();
  for (const input of graph.inputs) if (input.source.kind === 'input') names.set(input, input.source.name);
  const copies: [from: Value, to: string][] = [];
  for (const { name, value } of graph.outputs) {
    if (value.source.kind !== 'node' || names.has(value)) copies.push([value, name]);
    else names.set(value, name);
  }
  const nameOf = (value: Value | null): string => (value ? (names.get(value) ?? `v${value.id}`) : '');
  for (const node of nodes) writer.message(1, (nested) => writeNode(nested, node, nameOf));
  for (const [from, to] of copies)
    writer.message(1, (nested) => nested.text(1, nameOf(from)).text(2, to).text(4, 'Identity'));
  writer.text(2, 'program');
  for (const constant of constants)
    writer.message(5, (nested) => writeTensor(nested, nameOf(constant), constant));
  const typeOf = ({ dtype, shape }: Value): OpenType => ({ dtype, shape: graph.ofAnyShape ? null : shape });
  for (const input of graph.inputs)
    writer.message(11, (nested) => writeValueInfo(nested, nameOf(input), typeOf(input)));
  for (const { name, value } of graph.outputs)
    writer.message(12, (nested) => writeValueInfo(nested, name, typeOf(value)));
}

function checkSize(name: string, constants: ReadonlySet<Value>, most: number): void {
  let bytes = 0;
  for (const { source } of constants) if (source.kind === 'constant') bytes += source.data.byteLength;
  if (bytes <= most) return;
  throw new ForgeError(
    'AF_ENGINE_FUNCTION',
    `Program ${name} freezes ${(bytes / 2 ** 20).toFixed(1)} MiB of constants into its graph.`,
    {
      at: name,
      fix: 'Pass large arrays as inputs or carry them as state; compute masks and tables in tfjs.',
    },
  );
}

function constantsOf(nodes: readonly Node[], outputs: readonly GraphOutput[]): Set<Value> {
  const used = [...nodes.flatMap((node) => node.inputs), ...outputs.map((output) => output.value)];
  return new Set(used.filter((value): value is Value => value?.source.kind === 'constant'));
}

function writeNode(writer: ProtobufWriter, node: Node, nameOf: (value: Value | null) => string): void {
  for (const input of node.inputs) writer.text(1, nameOf(input));
  for (const output of node.outputs) writer.text(2, nameOf(output));
  writer.text(3, `${node.op}.${node.id}`).text(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes))
    writer.message(5, (nested) => writeAttribute(nested, name, attribute));
  if (node.domain !== '') writer.text(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, name: string, attribute: Attribute): void {
  writer.text(1, name);
  if (attribute.kind === 'float') writer.float(2, attribute.value);
  else if (attribute.kind === 'int') writer.integer(3, attribute.value);
  else if (attribute.kind === 'text') writer.text(4, attribute.value);
  else for (const value of attribute.value) writer.integer(8, value);
  writer.integer(20, ATTRIBUTE_TYPE[attribute.kind]);
}

function writeTensor(writer: ProtobufWriter, name: string, constant: Value): void {
  if (constant.source.kind !== 'constant') return;
  const { data } = constant.source;
  for (const extent of constant.shape) writer.integer(1, extent);
  writer
    .integer(2, DATA_TYPE[constant.dtype])
    .text(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** A type whose shape may be left open. */
interface OpenType {
  readonly dtype: GraphDtype;
  readonly shape: readonly number[] | null;
}

function writeValueInfo(writer: ProtobufWriter, name: string, { dtype, shape }: OpenType): void {
  writer.text(1, name).message(2, (typeProto) =>
    typeProto.message(1, (tensor) => {
      tensor.integer(1, DATA_TYPE[dtype]);
      if (shape)
        tensor.message(2, (extents) => {
          for (const extent of shape) extents.message(1, (dimension) => dimension.integer(1, extent));
        });
    }),
  );
}
