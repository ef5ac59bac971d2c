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
    '^agentforge/phases$': '<rootDir>/plugins/phases/shared/index.ts',
    '^agentforge$': '<rootDir>/tools/index.ts',
    '^agentforge/(plugins|presets|nn|testing)$': '<rootDir>/$1/index.ts',
    '^agentforge/schemas/(.*)$': '<rootDir>/schemas/$1',
  },
  collectCoverageFrom: [
    '{core,nn,plugins,presets,storage,tools,cli,bench,testing,create-agentforge}/**/*.ts',
  ],
  // Against tests that hang; a busy machine may take its time.
  testTimeout: 240_000,
};
