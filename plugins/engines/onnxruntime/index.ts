import { Type } from '@sinclair/typebox';
import { defineEngine, withDefault, type EngineProvider } from '../../../core/contracts/index.js';
import { PROVIDERS, type ProviderName } from './providers.js';

const options = Type.Object(
  {
    executionProvider: withDefault(
      Type.Unsafe<ProviderName>(
        Type.Union(
          Object.keys(PROVIDERS).map((name) => Type.Literal(name)),
          { description: 'Where graphs run. CUDA libraries are installed separately.' },
        ),
      ),
      'cpu',
    ),
    threads: Type.Optional(
      Type.Integer({ minimum: 1, description: 'CPU threads within an operator; default: physical cores.' }),
    ),
    graphOptimization: withDefault(
      Type.Union(
        [Type.Literal('disabled'), Type.Literal('basic'), Type.Literal('extended'), Type.Literal('all')],
        { description: 'How much onnxruntime rewrites a graph before it runs.' },
      ),
      'all',
    ),
    keepMemory: withDefault(
      Type.Boolean({
        description:
          'Keep memory of intermediate tensors for the next run; false gives it back, which costs time.',
      }),
      true,
    ),
    profile: Type.Optional(
      Type.String({ description: 'Write onnxruntime profiles to files with this prefix; slows every run.' }),
    ),
  },
  { additionalProperties: false },
);

/** The default compute engine: tfjs functions are traced to ONNX graphs and run by onnxruntime-node. */
export const onnxruntime = defineEngine({
  name: 'onnxruntime',
  description: 'tfjs functions traced to ONNX and run natively (CPU, WebGPU, CUDA)',
  options,
  create: (chosen): EngineProvider => ({
    open: async () => (await import('./open.js')).openEngine(chosen),
    probe: async () => (await import('./open.js')).probeEngine(chosen),
  }),
});
