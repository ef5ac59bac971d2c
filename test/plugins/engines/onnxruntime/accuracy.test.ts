import type { Engine } from '../../../../core/contracts/index.js';
import { CPU_DIALECT } from '../../../../nn/onnx/graph/dialect.js';
import { OnnxEngine } from '../../../../plugins/engines/onnxruntime/engine.js';
import { PROVIDERS } from '../../../../plugins/engines/onnxruntime/providers.js';
import { Runtime } from '../../../../plugins/engines/onnxruntime/runtime.js';
import { engineConformance } from '../../../../testing/conformance/engine.js';
import { EXACT_FUNCTIONS, worstError, type ExactFunction } from '../../../support/accuracy.js';

/** Graphs made for another dialect, run on the CPU. */
async function cpuWith(dialect: typeof CPU_DIALECT): Promise<Engine> {
  const runtime = new Runtime(await import('onnxruntime-node'), { intraOpNumThreads: 1 });
  const info = { name: 'test', device: 'cpu', version: '0' };
  return new OnnxEngine(runtime, info, { ...PROVIDERS.cpu, dialect });
}

describe.each([
  { title: 'the CPU', dialect: CPU_DIALECT },
  { title: 'WebGPU', dialect: PROVIDERS.webgpu.dialect },
])('graphs for $title', ({ dialect }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await cpuWith(dialect);
  });
  afterAll(() => engine.dispose());

  test.each(Object.keys(EXACT_FUNCTIONS) as ExactFunction[])(
    '%s is exact over many magnitudes',
    async (name) => {
      expect((await worstError(engine, name)).error).toBeLessThan(1e-6);
    },
  );

  const rewritten = /sin|cos|tan|sign|round|softplus|logicalOr|matMul|slice|reverse|expm1|log1p/i;
  for (const { name, run } of engineConformance(() => engine)) if (rewritten.test(name)) test(name, run);
});
