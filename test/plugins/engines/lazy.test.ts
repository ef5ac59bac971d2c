import { ENGINE } from '../../../core/contracts/index.js';
import { implementationOf } from '../../../testing/implementation.js';

jest.mock('@tensorflow/tfjs', () => {
  throw new Error('a heavy module was loaded');
});
jest.mock('onnxruntime-node', () => {
  throw new Error('a heavy module was loaded');
});

describe('engine plugins', () => {
  test('load nothing heavy until an engine is opened', async () => {
    const { onnxruntime } = await import('../../../plugins/engines/onnxruntime/index.js');
    const { tfjs } = await import('../../../plugins/engines/tfjs/index.js');
    const provider = await implementationOf(ENGINE, onnxruntime({ threads: 1 }));
    await implementationOf(ENGINE, tfjs());
    await expect(provider.open()).rejects.toThrow('a heavy module was loaded');
  });

  test('refuse options they do not know', async () => {
    const { onnxruntime } = await import('../../../plugins/engines/onnxruntime/index.js');
    const wrong = onnxruntime({}).withOptions({ executionProvider: 'tpu' });
    await expect(implementationOf(ENGINE, wrong)).rejects.toMatchObject({ code: 'AF_CONFIG_INVALID' });
  });
});
