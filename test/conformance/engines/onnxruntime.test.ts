import type { Engine } from '../../../core/contracts/index.js';
import { openEngine } from '../../../plugins/engines/onnxruntime/open.js';
import { engineConformance } from '../../../testing/conformance/engine.js';

describe('onnxruntime computes as tfjs does', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({
      executionProvider: 'cpu',
      graphOptimization: 'all',
      keepMemory: true,
      threads: 2,
    });
  });
  afterAll(() => engine.dispose());

  for (const { name, run } of engineConformance(() => engine)) test(name, run);
});
