import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectTypeOf } from 'expect-type';
import * as agentforge from 'agentforge';
import * as nn from 'agentforge/nn';
import * as plugins from 'agentforge/plugins';
import * as presets from 'agentforge/presets';
import * as kit from 'agentforge/testing';

interface PackageJson {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

const root = process.cwd();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

/** The source a built file comes from. */
function sourceOf(built: string): string {
  return join(root, built.replace(/^\.\/dist\//, '').replace(/(\.d\.ts|\.js)$/, '.ts'));
}

describe('the package', () => {
  test('exports every entry with types, each built from a source that is there', () => {
    for (const entry of ['.', './plugins', './presets', './nn', './merges', './datasets', './testing']) {
      const paths = manifest.exports[entry];
      if (paths === undefined || typeof paths === 'string')
        throw new Error(`${entry} is not exported with types`);
      expect(Object.keys(paths)).toEqual(['types', 'default']);
      expect(sourceOf(paths.types)).toBe(sourceOf(paths.default));
      expect(existsSync(sourceOf(paths.default))).toBe(true);
    }
    for (const file of Object.values(manifest.bin)) expect(existsSync(join(root, file))).toBe(true);
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'schemas']));
  });

  test('agentforge: the kernel, the factories, the errors', () => {
    expectTypeOf(agentforge.createKernel).returns.resolves.toEqualTypeOf<agentforge.Kernel>();
    expectTypeOf(agentforge.defineConfig({})).toEqualTypeOf<agentforge.ForgeConfig>();
    expectTypeOf<agentforge.Kernel['run']>().returns.resolves.toEqualTypeOf<agentforge.RunReport>();
    expectTypeOf<agentforge.ForgeError['code']>().toEqualTypeOf<agentforge.ErrorCode>();
    expect(agentforge.Type.Number()).toMatchObject({ type: 'number' });
    for (const name of [
      'defineMerge',
      'definePhase',
      'defineSink',
      'definePlugin',
      'createToken',
      'withDefault',
    ])
      expect(agentforge).toHaveProperty(name, expect.any(Function));
  });

  test('agentforge: projects and models', () => {
    expectTypeOf(agentforge.openProject).returns.resolves.toEqualTypeOf<agentforge.Project>();
    expectTypeOf(agentforge.loadModel).returns.resolves.toEqualTypeOf<agentforge.Model>();
    expectTypeOf<agentforge.Project['run']>().returns.resolves.toEqualTypeOf<agentforge.RunReport>();
    expectTypeOf<agentforge.Model['complete']>().returns.resolves.toEqualTypeOf<agentforge.GeneratedText>();
    expectTypeOf<agentforge.OpenProjectOptions>().not.toHaveProperty('builtins');
    expectTypeOf<agentforge.GenerateOptions>().toHaveProperty('maxTokens');
    expectTypeOf<agentforge.GenerateOptions>().not.toHaveProperty('maxToken');
    for (const name of ['openProject', 'loadModel', 'createKernel'])
      expect(agentforge).toHaveProperty(name, expect.any(Function));
  });

  test('agentforge/plugins: typed factories', () => {
    expectTypeOf(plugins.cognate({ maxSteps: 5 })).toEqualTypeOf<agentforge.Plugin>();
    // @ts-expect-error there is no such option
    plugins.cognate({ maxStep: 5 });
    // @ts-expect-error steps are counted in numbers
    plugins.cognate({ maxSteps: 'many' });
    for (const factory of Object.values(plugins))
      expect(factory).toHaveProperty('pluginName', expect.any(String));
  });

  test('agentforge/presets: configs from options', () => {
    expectTypeOf(presets.quickstart()).toEqualTypeOf<agentforge.ForgeConfig>();
    expectTypeOf(
      presets.quickstart({ seed: 7, cognate: { maxSteps: 5 } }),
    ).toEqualTypeOf<agentforge.ForgeConfig>();
    // @ts-expect-error options of the phase are checked here, too
    presets.quickstart({ cognate: { maxStep: 5 } });
    expect(presets.quickstart().pipeline ?? presets.quickstart().extends).toBeDefined();
  });

  test('agentforge/nn and agentforge/testing', () => {
    expectTypeOf(nn.random.stream(42, 'anything').uniform()).toEqualTypeOf<number>();
    expectTypeOf(kit.createTestKernel).returns.resolves.toEqualTypeOf<kit.TestKernel>();
    expectTypeOf(kit.mergeConformance).returns.items.toEqualTypeOf<kit.ConformanceCase>();
    expect(Object.keys(nn).sort()).toEqual(
      'adapters calibration curriculum cycles data evaluation evolution generation halting layers losses merging models objectives onnx optim packing precision quantization random thoughts tools training'.split(
        ' ',
      ),
    );
  });
});
