import fc from 'fast-check';
import { parseOverride } from '../../../core/index.js';
import { isForgeError } from '../../../core/errors/index.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import { PRESETS } from '../../../presets/catalogue.js';
import { Project } from './support/project.js';

/** `AGENTFORGE_FUZZ_RUNS=10000 npx jest test/core/config/fuzz` is the long form. */
const RUNS = Number(process.env['AGENTFORGE_FUZZ_RUNS'] ?? 60);
const SEED = 20_241;

let project: Project;
beforeAll(async () => {
  project = await Project.make();
});
afterAll(() => project.remove());

const DOCUMENT = {
  extends: ['quickstart'],
  seed: 7,
  plugins: [
    'ties',
    ['slerp', { epsilon: 0.1 }],
    { use: 'json-lines', options: { name: 'faq', path: './faq.jsonl' } },
  ],
  pipeline: ['cognate', ['evomerge', { generations: 3 }]],
  phases: {
    cognate: {
      maxSteps: 30,
      optimizer: { use: 'adamw', options: { learningRate: 0.1 } },
      data: { datasets: ['stories'] },
    },
  },
  options: { ties: { density: 0.3 } },
  engine: 'onnxruntime',
  sinks: ['jsonl'],
  storage: { root: 'store', keepCheckpoints: 2 },
  data: { root: 'data' },
  gates: { policy: 'strict' },
  cleanup: { auto: false, maxSessions: 3 },
};

const word = fc.constantFrom(
  ...new Set(JSON.stringify(DOCUMENT).match(/[\w.-]+/g)!),
  '__proto__',
  'constructor',
  '',
  'é',
  '[0]',
  '"',
);
const leaf = fc.oneof(word, fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.string());
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(word, tie('value'), { maxKeys: 3 }),
  ),
}));

/** The document with one value, anywhere, replaced by another. */
const mutated = fc
  .tuple(fc.infiniteStream(fc.nat()), value)
  .map(([choices, other]) => replaceSomewhere(DOCUMENT, choices, other));

function replaceSomewhere(document: unknown, choices: Iterator<number>, other: unknown): unknown {
  const choice = choices.next().value as number;
  if (typeof document !== 'object' || document === null || choice % 4 === 0) return other;
  const keys = Object.keys(document);
  const key = keys[choice % keys.length]!;
  const changed = replaceSomewhere((document as Record<string, unknown>)[key], choices, other);
  if (Array.isArray(document))
    return document.map((member: unknown, index) => (String(index) === key ? changed : member));
  const name = choice % 7 === 0 && typeof other === 'string' ? other : key;
  return { ...document, [key]: undefined, [name]: changed };
}

/** Its text with a few characters taken out, doubled or replaced by those that mean something in YAML. */
const torn = fc
  .array(
    fc.tuple(
      fc.nat(),
      fc.constantFrom(
        '',
        '&a ',
        '*a',
        '!!',
        '<<: ',
        '{',
        ']',
        ': ',
        '- ',
        '"',
        '\n',
        '\t',
        '\u0000',
        '\uFEFF',
        '%',
        '|',
      ),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((cuts) =>
    cuts.reduce(
      (text, [at, put]) => {
        const place = at % text.length;
        return text.slice(0, place) + put + text.slice(place + (at % 3));
      },
      JSON.stringify(DOCUMENT, null, 1),
    ),
  );

/** A config boots, or is refused with a code of the user's kind; nothing else ever happens. */
async function isJudged(file: string, text: string): Promise<void> {
  await project.write({ [file]: text });
  try {
    const kernel = await project.boot({ configPath: file, builtins: BUILTIN_PLUGINS, presets: PRESETS });
    await kernel.dispose();
  } catch (error) {
    if (!isForgeError(error)) throw error;
    expect({ code: error.code, exitCode: error.exitCode }).toMatchObject({
      code: expect.stringMatching(/^AF_(CONFIG|PLUGIN|STORAGE_NOT)_/),
      exitCode: 2,
    });
    expect(error.message).not.toMatch(/undefined|\[object/);
  }
  expect(Object.keys({}.constructor.prototype as object)).toEqual([]);
}

it('documents with a value replaced anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(mutated, (document) => isJudged('mutated.json', JSON.stringify(document))),
    { numRuns: RUNS, seed: SEED },
  );
}, 3_600_000);

it('texts that were torn', async () => {
  await fc.assert(
    fc.asyncProperty(torn, (text) => isJudged('torn.yaml', text)),
    { numRuns: RUNS, seed: SEED },
  );
}, 3_600_000);

it('--set of anything', () => {
  const text = fc.tuple(
    fc.array(fc.oneof(word, fc.string()), { maxLength: 4 }),
    fc.constantFrom('.', '[', ']', '["', '"]', '='),
    fc.json(),
  );
  fc.assert(
    fc.property(text, ([keys, joint, json]) => {
      try {
        parseOverride(`${keys.join(joint)}=${json}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'AF_USAGE' });
      }
    }),
    { numRuns: RUNS * 10, seed: SEED },
  );
});
