import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restoreCompiled } from '../../build/compiled.js';

const folder = mkdtempSync(join(tmpdir(), 'agentforge-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a second build starts from what the compiler gave, not from what the first one wrote', async () => {
  const [file, kept] = [join(folder, 'schema.js'), join(folder, 'schema.js.compiled')];
  for (const compiled of ["import { a } from './a.js';\n", "import { b } from './b.js';\n"]) {
    writeFileSync(file, compiled);
    for (const _build of ['first', 'second']) {
      await restoreCompiled(file, kept);
      expect(readFileSync(file, 'utf8')).toBe(compiled);
      writeFileSync(file, 'export const literal = {};\n');
    }
  }
});

test('what an earlier build wrote and nobody kept is not taken for the compiled text', async () => {
  const file = join(folder, 'old.js');
  writeFileSync(file, 'export const literal = {};\n');
  await expect(restoreCompiled(file, join(folder, 'none'))).rejects.toThrow('npm run clean');
});
