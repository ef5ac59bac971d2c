import os from 'node:os';

/** Memory of this machine in bytes, or of the container the process is held in. */
export function machineMemory(): { totalMemory: number; availableMemory: number } {
  const installed = os.totalmem();
  // 0 or absurdly large where nothing constrains the process.
  const limit = process.constrainedMemory();
  const totalMemory = limit > 0 ? Math.min(installed, limit) : installed;
  return { totalMemory, availableMemory: Math.min(os.freemem(), totalMemory) };
}
