/** ES modules that jest must be given as CommonJS; everything else in node_modules runs as published. */
const esmPackages = ['lowdb', 'steno', '@huggingface/tokenizers', 'fast-check', 'pure-rand'];

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`node_modules/(?!(${esmPackages.join('|')})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^onnxruntime-node$': '<rootDir>/test/support/onnxruntime.cjs',
    '^agentforge/phases$': '<rootDir>/plugins/phases/shared/index.ts',
    '^agentforge$': '<rootDir>/tools/index.ts',
    '^agentforge/(plugins|presets|nn|testing)$': '<rootDir>/$1/index.ts',
    '^agentforge/(merges|datasets)$': '<rootDir>/plugins/$1/shared/index.ts',
    '^agentforge/schemas/(.*)$': '<rootDir>/schemas/$1',
  },
  // `npm test` collects it. Statements are counted in the sources; what runs in processes of their own counts as not run.
  collectCoverageFrom: [
    '{core,nn,plugins,presets,storage,tools,cli,bench,testing,create-agentforge}/**/*.ts',
    '!create-agentforge/template/**',
    '!**/dist/**',
    // Memory of a GPU: test/conformance/engines/webgpu runs it, in a process with a driver of its own.
    '!plugins/engines/onnxruntime/memory.ts',
  ],
  coverageReporters: ['json', `${import.meta.dirname}/test/support/coverage-by-folder.cjs`],
  coverageThreshold: {
    './storage/': { lines: 95 },
    './nn/onnx/': { lines: 95 },
    './plugins/engines/': { lines: 95 },
    './nn/merging/': { lines: 95 },
    './plugins/merges/': { lines: 95 },
    './tools/merge/': { lines: 95 },
    // Everything else; with those above, at least as much of the whole.
    global: { lines: 90 },
  },
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // One worker per core: the others wait for the disk and for processes of their own often enough.
  maxWorkers: '100%',
  // Against tests that hang; a busy machine may take its time.
  testTimeout: 240_000,
};
