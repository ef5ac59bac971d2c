import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { transformSync } from '@swc/core';

/** A fenced block of a Markdown file, by the file name in its first line (```ts file=name.ts). */
export interface Snippet {
  readonly file: string;
  readonly code: string;
}

/** The named TypeScript blocks of a Markdown file. */
export function snippetsOf(markdown: string): Snippet[] {
  const text = readFileSync(markdown, 'utf8');
  return [...text.matchAll(/^```ts file=(\S+)\n(.*?)^```$/gms)].map(([, file, code]) => ({
    file: file!,
    code: code!,
  }));
}

/**
 * Run a snippet as the module it is in the documentation. `modules` are what it may import; `globals` what a test runner
 * would provide.
 */
export function runSnippet(
  { file, code }: Snippet,
  modules: Readonly<Record<string, unknown>>,
  globals: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const compiled = transformSync(code, {
    filename: file,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const load = (name: string): unknown => {
    if (name in modules) return modules[name];
    throw new Error(`${file} imports ${name}, which the test does not provide`);
  };
  const exports: Record<string, unknown> = {};
  const names = ['require', 'exports', ...Object.keys(globals)];
  const run = compileFunction(compiled.code, names, { filename: file }) as (...values: unknown[]) => void;
  run(load, exports, ...Object.values(globals));
  return exports;
}

/** Run a snippet that awaits at its top level, as the module it is in the documentation, to its end. */
export async function runScript(
  { file, code }: Snippet,
  modules: Readonly<Record<string, unknown>>,
  globals: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  // Everything behind the imports becomes the body of a function that may await.
  const lines = code.split('\n');
  const end = lines.findLastIndex((line) => line.startsWith('import ')) + 1;
  const body = `${lines.slice(0, end).join('\n')}\nexport async function script() {\n${lines.slice(end).join('\n')}\n}\n`;
  const { script } = runSnippet({ file, code: body }, modules, globals) as { script: () => Promise<void> };
  await script();
}
