export { matmulFlops } from './graph/flops.js';
export { Graph, reachable } from './graph/graph.js';
export type { Node, Value, ValueType } from './graph/value.js';
export { traceFunction, type Trace } from './trace/trace.js';
export { writeModel, type GraphDescription, type GraphOutput } from './write/model.js';
