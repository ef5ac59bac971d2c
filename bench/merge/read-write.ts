import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../storage/folders.js';
import { PendingFile } from '../../storage/pending-file.js';

/** Bytes read and written at a time, always in the same memory. */
const CHUNK = 4 << 20;

/**
 * Seconds that reading some files and writing one takes, and nothing else: the new file is made durable in the way in
 * which a merged model is.
 */
export async function timeReadWrite(
  inputs: readonly string[],
  outputBytes: number,
  folder: string,
): Promise<number> {
  const buffer = new Uint8Array(CHUNK);
  const output = join(folder, 'read-write.bin');
  const started = performance.now();
  for (const input of inputs) await readAll(input, buffer);
  const pending = await PendingFile.create(folder, output);
  for (let done = 0; done < outputBytes; done += CHUNK)
    await pending.write(buffer.subarray(0, Math.min(CHUNK, outputBytes - done)), done);
  await pending.commit(output);
  await syncFolder(folder);
  const seconds = (performance.now() - started) / 1000;
  await rm(output);
  return seconds;
}

async function readAll(path: string, buffer: Uint8Array): Promise<void> {
  const handle = await open(path, 'r');
  try {
    for (let position = 0, read = 1; read > 0; position += read)
      read = (await handle.read(buffer, 0, buffer.length, position)).bytesRead;
  } finally {
    await handle.close();
  }
}
