import { CPU_DIALECT, type Dialect } from '../../../nn/onnx/graph/dialect.js';

/** What has to be known of an execution provider. */
export interface ExecutionProvider {
  readonly dialect: Dialect;
  /**
   * Where carried tensors lie: in memory that the device computes in, on the device although that is another memory,
   * or on the host, so that they cross in every run.
   */
  readonly carried: 'shared' | 'device' | 'host';
  /** Rewrites of onnxruntime's that are switched off. */
  readonly withoutOptimizers: readonly string[];
  /** What to do where it is not there. */
  readonly install: string;
}

/** The tracer has chosen which products read their operands transposed. */
const TRANSPOSES_STAY = 'MatmulTransposeFusion';

/** The execution providers of onnxruntime that the engine knows, by the name its option takes. */
export const PROVIDERS = {
  cpu: {
    dialect: CPU_DIALECT,
    carried: 'shared',
    withoutOptimizers: [TRANSPOSES_STAY],
    install: 'Install it with `npm install onnxruntime-node`; it has no build for every platform.',
  },
  // Of onnxruntime 1.30. What it has no kernel for runs on the CPU, its operands are copied there and back: sines,
  // transposes and others are among that in newer operator sets than 21.
  webgpu: {
    dialect: {
      opset: 21,
      lacks: new Set(['FusedMatMul', 'Or', 'Round', 'Sign', 'Slice of int32']),
      exactFunctions: false,
    },
    carried: 'device',
    // It would make splits of whole numbers, which have no kernel there.
    withoutOptimizers: [TRANSPOSES_STAY, 'GatherSliceToSplitFusion'],
    install: 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver; or set executionProvider to cpu.',
  },
  // onnxruntime-node hands out device tensors of WebGPU only.
  cuda: {
    // Its products of codes know 4 and 8 bits.
    dialect: { ...CPU_DIALECT, opset: 21, lacks: new Set(['MatMulNBits of 2 bits']) },
    carried: 'host',
    withoutOptimizers: [TRANSPOSES_STAY],
    install:
      'Run `node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12` (Linux x64; CUDA 12 and cuDNN 9 must be installed); or set executionProvider to webgpu or cpu.',
  },
} satisfies Readonly<Record<string, ExecutionProvider>>;

export type ProviderName = keyof typeof PROVIDERS;
