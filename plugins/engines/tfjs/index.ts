import { Type } from '@sinclair/typebox';
import { defineEngine, withDefault, type EngineProvider } from '../../../core/contracts/index.js';

const options = Type.Object(
  {
    backend: withDefault(
      Type.Union(
        [
          Type.Literal('auto'),
          Type.Literal('node-gpu'),
          Type.Literal('node'),
          Type.Literal('wasm'),
          Type.Literal('cpu'),
        ],
        {
          description: 'Which tfjs backend computes; auto takes the first that is installed, in this order.',
        },
      ),
      'auto',
    ),
  },
  { additionalProperties: false },
);

/** The eager compute engine: tfjs functions run as they are on the best tfjs backend there is. */
export const tfjs = defineEngine({
  name: 'tfjs',
  description: 'tfjs functions run eagerly (tfjs-node-gpu, tfjs-node, wasm or plain JavaScript)',
  options,
  create: ({ backend }): EngineProvider => ({
    open: async () => (await import('./open.js')).openEngine(backend),
    probe: async () => (await import('./open.js')).probeEngine(backend),
  }),
});
