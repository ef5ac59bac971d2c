import type { Tensor } from 'onnxruntime-node';
import type { HostTensor } from '../../../../core/contracts/index.js';
import { HostMemory } from '../../../../plugins/engines/onnxruntime/memory.js';
import { Runtime } from '../../../../plugins/engines/onnxruntime/runtime.js';
import { OnnxState } from '../../../../plugins/engines/onnxruntime/state.js';

/** Has room for so many tensors. */
class SmallMemory extends HostMemory {
  readonly live = new Set<Tensor>();

  constructor(
    runtime: Runtime,
    private readonly room: number,
  ) {
    super(runtime);
  }

  override async store(value: HostTensor): Promise<Tensor> {
    if (this.live.size === this.room) throw new Error('out of memory');
    const tensor = await super.store(value);
    this.live.add(tensor);
    return tensor;
  }

  override free(tensor?: Tensor): void {
    if (tensor) this.live.delete(tensor);
  }
}

const number: HostTensor = { shape: [1], dtype: 'float32', data: Float32Array.of(1) };

test('a state that has no room for all of its tensors keeps none', async () => {
  const runtime = new Runtime(await import('onnxruntime-node'), {});
  const memory = new SmallMemory(runtime, 2);
  const making = OnnxState.create(runtime, memory, { a: number, b: number, c: number });
  await expect(making).rejects.toThrow('out of memory');
  expect(memory.live.size).toBe(0);
  const state = await OnnxState.create(runtime, memory, { a: number, b: number });
  expect(memory.live.size).toBe(2);
  await state.dispose();
  expect(memory.live.size).toBe(0);
});
