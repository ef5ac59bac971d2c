import { InferenceSession, Tensor } from 'onnxruntime-node';
import { isForgeError } from '../../../../core/errors/index.js';
import { add } from '../../../../nn/onnx/graph/elementwise.js';
import { Graph } from '../../../../nn/onnx/graph/graph.js';
import type { Value } from '../../../../nn/onnx/graph/value.js';
import { writeModel } from '../../../../nn/onnx/write/model.js';

const setUp = (): { graph: Graph; x: Value } => {
  const graph = new Graph();
  return { graph, x: graph.input('x', { shape: [2], dtype: 'float32' }) };
};

describe('ONNX model', () => {
  test('onnxruntime reads names, types and results back', async () => {
    const { graph, x } = setUp();
    const sum = add(graph, x, graph.constant(Float32Array.of(10, 20), [2], 'float32'));
    const model = writeModel(
      {
        inputs: [x],
        outputs: [
          { name: 'sum', value: sum },
          { name: 'same', value: sum },
          { name: 'input', value: x },
          { name: 'seven', value: graph.scalar(7, 'int32') },
        ],
      },
      'test',
    );
    const session = await InferenceSession.create(model);
    expect([session.inputNames, session.outputNames]).toEqual([['x'], ['sum', 'same', 'input', 'seven']]);
    const results = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [2]) });
    expect(
      Object.values(results).map(({ type, dims, data }) => [type, dims, [...(data as Float32Array)]]),
    ).toEqual([
      ['float32', [2], [11, 22]],
      ['float32', [2], [11, 22]],
      ['float32', [2], [1, 2]],
      ['int32', [], [7]],
    ]);
    await session.release();
  });

  test('equal graphs are equal bytes', () => {
    const bytes = [setUp(), setUp()].map(({ graph, x }, i) =>
      writeModel({ inputs: [x], outputs: [{ name: 'y', value: add(graph, x, x) }] }, `program ${i}`),
    );
    expect(bytes[0]).toEqual(bytes[1]);
  });

  test('too many constants are refused with what to do', () => {
    const { graph, x } = setUp();
    const table = graph.constant(Float32Array.of(1, 2), [2], 'float32');
    const graphOf = { inputs: [x], outputs: [{ name: 'y', value: add(graph, x, table) }] };
    expect(writeModel(graphOf, 'small', 8)).toBeInstanceOf(Uint8Array);
    let thrown: unknown;
    try {
      writeModel(graphOf, 'large', 7);
    } catch (error) {
      thrown = error;
    }
    expect(isForgeError(thrown, 'AF_ENGINE_FUNCTION') && thrown.fix).toContain('inputs');
  });
});
