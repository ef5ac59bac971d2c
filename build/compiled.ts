import { readFile, writeFile } from 'node:fs/promises';

/** First line of what is written in the place of a compiled module. */
const MARK = '// Written by build/main.ts from what the compiler gave.\n';

/**
 * Put a module back as the compiler gave it. The compiler leaves a file alone whose own source is as it was, although what
 * it imports may have changed: what was written in its place would stay as it was as well.
 *
 * @param kept where the compiled text is kept meanwhile
 */
export async function restoreCompiled(file: string, kept: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  if (text.startsWith(MARK)) await writeFile(file, await readFile(kept));
  else await writeFile(kept, text);
}

/** Write a module in the place of a compiled one, so that {@link restoreCompiled} knows it. */
export async function replaceCompiled(file: string, text: string): Promise<void> {
  await writeFile(file, MARK + text);
}
