/** Operators (or uses of them) that some runtimes have no kernel for; graphs for those are written in others. */
export type OptionalOperator =
  'FusedMatMul' | 'MatMulNBits of 2 bits' | 'Or' | 'Round' | 'Sign' | 'Slice of int32';

/** What the runtime that a graph is made for can do. */
export interface Dialect {
  /** Version of the ai.onnx operator set: a runtime may have kernels only for what an operator was in older ones. */
  readonly opset: number;
  readonly lacks: ReadonlySet<OptionalOperator>;
  /**
   * Whether logarithms and trigonometric functions are exact to about a unit in the last place. On a GPU they need not
   * be: WGSL asks for an absolute error of 2^-21 of log between 0.5 and 2, and of 2^-11 of sin and cos.
   */
  readonly exactFunctions: boolean;
}

/** onnxruntime's CPU kernels: every operator in its newest version. */
export const CPU_DIALECT: Dialect = { opset: 26, lacks: new Set(), exactFunctions: true };
