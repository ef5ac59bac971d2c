import * as tf from '@tensorflow/tfjs';

/**
 * Run synchronous work on a tfjs backend that is ready, and put the previous backend back. Because nothing is
 * awaited, no other code can meet the switched backend.
 */
export function onBackend<T>(backend: string, work: () => T): T {
  const previous = tf.getBackend();
  if (previous !== backend) void tf.setBackend(backend);
  try {
    return work();
  } catch (error) {
    releaseTape();
    throw error;
  } finally {
    if (previous && previous !== backend) void tf.setBackend(previous);
  }
}

/** Tensors saved for gradients outlive their scopes; when a gradient was broken off nobody else frees them. */
function releaseTape(): void {
  const { state } = tf.engine();
  // Not there before the first gradient and null between gradients, whatever its type says.
  const tape = state.activeTape as typeof state.activeTape | null | undefined;
  if (state.gradientDepth > 0) return;
  for (const node of tape ?? []) for (const tensor of node.saved ?? []) tensor.dispose();
  state.activeTape = [];
}
