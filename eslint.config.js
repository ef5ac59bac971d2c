import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const tests = ['test/**/*.ts'];

/** Randomness comes from nn/random alone; module-level state would be shared by two kernels in one process. */
const determinism = {
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Use a named stream of nn/random.' },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
      message: 'No module-level mutable state.',
    },
  ],
};

export default tseslint.config(
  { ignores: ['**/dist/', 'coverage/', 'node_modules/', '.*/', 'shared/', 'create-agentforge/template/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...determinism,
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@tensorflow/tfjs-core',
              message: 'Its Node build registers no gradients: import @tensorflow/tfjs.',
            },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
      ],
      // Index access is `T | undefined` (noUncheckedIndexedAccess): `!` marks an index known to be in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An interface method may be asynchronous in one implementation and not in another.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `{}` as "no required properties" and generics that appear once are how the typed factories work.
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // tfjs returns `Tensor` where the rank is known: `as Tensor2D` documents it, also where it could be inferred.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // What a thing can do counts, not which constructor made it.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Tokenizers and terminal columns mean code points when they spread a string.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // The console sink and the command line own the terminal; everything else logs through its context.
    files: ['{core,nn,storage,presets,tools,testing}/**/*.ts', 'plugins/**/*.ts'],
    ignores: ['plugins/sinks/console/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: tests,
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Foreign code throws anything; tests play it.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // Matchers and parsed files are `any`; a wrong one fails the test.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // A type test says which programs must not compile.
    files: ['test/types/**/*.ts'],
    rules: { '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': false }] },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { module: 'writable', require: 'readonly', process: 'readonly', globalThis: 'readonly' },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __filename: 'readonly' } },
  },
);
