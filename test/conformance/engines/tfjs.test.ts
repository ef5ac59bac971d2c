import type { Engine } from '../../../core/contracts/index.js';
import { openEngine } from '../../../plugins/engines/tfjs/open.js';
import { engineConformance } from '../../../testing/conformance/engine.js';

/** Kernels that @tensorflow/tfjs-backend-wasm 4.22 does not have and that training does without. */
const WASM_LACKS = ['Einsum'];

describe.each([
  { backend: 'cpu', lacks: [] },
  { backend: 'wasm', lacks: WASM_LACKS },
] as const)('tfjs on $backend computes as tfjs does', ({ backend, lacks }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(backend);
  });
  afterAll(() => engine.dispose());

  for (const { name, run } of engineConformance(() => engine, { lacks })) test(name, run);
});
