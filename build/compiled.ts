import { readFile, writeFile } from 'node:fs/promises';

/**
 * Put a module back as the compiler gave it, before it is imported and written out. The compiler leaves a file alone whose
 * own source is as it was, although what it imports may have changed: what was written in its place would stay too. That
 * imports nothing, and so is known.
 *
 * @param kept where the compiled text is kept meanwhile
 * @throws Error when neither holds it
 */
export async function restoreCompiled(file: string, kept: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  if (/^import /m.test(text)) return writeFile(kept, text);
  const compiled = await readFile(kept, 'utf8').catch((cause: unknown) => {
    throw new Error(`${file} is of an earlier build: npm run clean, then npm run build.`, { cause });
  });
  await writeFile(file, compiled);
}
