import { PERSONA, type Forge } from '../../../../core/contracts/index.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import {
  DEFAULT_PERSONAS,
  PLANNED_PERSONAS,
  PROMPT_LIBRARY,
  promptText,
} from '../../../../plugins/phases/shared/index.js';
import { createTestKernel } from '../../../../testing/index.js';

const personas = BUILTIN_PLUGINS.filter(({ point }) => point === PERSONA.id);

test('there are thirteen prompts: one, two, and ten', () => {
  const counts = Object.fromEntries(
    ['quietstar', 'curriculum', 'baking'].map((phase) => [
      phase,
      PROMPT_LIBRARY.filter((prompt) => prompt.phase === phase).length,
    ]),
  );
  expect(PROMPT_LIBRARY).toHaveLength(13);
  expect(counts).toEqual({ quietstar: 1, curriculum: 2, baking: 10 });
  expect(new Set(PROMPT_LIBRARY.map(({ name }) => name)).size).toBe(13);
});

test('four personas by default and nine of the plan, twelve in all', () => {
  expect(DEFAULT_PERSONAS).toHaveLength(4);
  expect(PLANNED_PERSONAS).toHaveLength(9);
  const names = [...new Set([...DEFAULT_PERSONAS, ...PLANNED_PERSONAS])].map((name) => `${name}-persona`);
  expect(names.toSorted()).toEqual(personas.map(({ name }) => name).toSorted());
});

test('every prompt has a text of its own, one line, as the kernel has its plugins', async () => {
  const { kernel, dispose } = await createTestKernel({ builtins: BUILTIN_PLUGINS });
  const texts = PROMPT_LIBRARY.map((prompt) => promptText(prompt, kernel));
  await dispose();
  expect(new Set(texts).size).toBe(13);
  for (const text of texts) expect(text).toMatch(/^[A-Z][^\n<|]{10,80}\.$/);
  expect(texts).toContain('Answer in numbered steps.');
});

test('a persona that nobody provides is an error that names it', () => {
  const forge = {
    resolve: (token: { id: string }, name: string) => {
      throw new Error(`There is no ${token.id} "${name}".`);
    },
  } as unknown as Forge;
  const [first] = PROMPT_LIBRARY.filter(({ text }) => text === null);
  expect(() => promptText(first!, forge)).toThrow('There is no persona "reasoning".');
});
