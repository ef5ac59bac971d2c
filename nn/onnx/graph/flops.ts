import type { Node } from './value.js';
import { sizeOf } from './value.js';

/** 2*m*n*k of every matrix product among the nodes: multiply-adds counted as two operations. */
export function matmulFlops(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => sum + flopsOf(node), 0);
}

function flopsOf(node: Node): number {
  if (node.op !== 'MatMul' && node.op !== 'FusedMatMul' && node.op !== 'MatMulNBits') return 0;
  const a = node.inputs[0]!;
  const transposed = node.attributes['transA']?.kind === 'int' && node.attributes['transA'].value === 1;
  const inner = a.shape.at(transposed ? -2 : -1)!;
  return 2 * sizeOf(node.outputs[0]!.shape) * inner;
}
