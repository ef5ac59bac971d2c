import { ARCHITECTURE, ENGINE } from '../../core/contracts/index.js';
import { measureDecoding } from '../../bench/decode/measure.js';
import { titansMag } from '../../plugins/architectures/titans-mag/index.js';
import { onnxruntime } from '../../plugins/engines/onnxruntime/index.js';
import { implementationOf } from '../../testing/index.js';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';
import { livelyWeights, tinyTitansMag } from '../support/titans-mag.js';

test('the next token is timed with carried state and by the window', async () => {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const engine = await (await implementationOf(ENGINE, onnxruntime())).open();
  const config = tinyTitansMag();
  const model = { engine, architecture, config, weights: livelyWeights(config) };
  const both = await measureDecoding(model, 2, 32);
  expect(both.ratio).toBeCloseTo(both.newTokensPerSecond! / both.oldTokensPerSecond, 6);
  expect(both.promptTokensPerSecond).toBeGreaterThan(0);
  expect(both.nodes).toBeGreaterThan(100);
  // Two blocks of 7 slots with 16 channels, features and three answers with 8, keys and values; memory; length.
  expect(both.carriedBytes).toBe(2 * 4 * (2 * 2 * 7 * 16 + 4 * 2 * 7 * 8 + 2 * 8 + 1));
  const { decoder: _, ...rest } = architecture;
  const window = await measureDecoding({ ...model, architecture: rest }, 2, 32);
  expect(window).toMatchObject({ newTokensPerSecond: null, ratio: null, carriedBytes: null });
  expect(window.oldTokensPerSecond).toBeGreaterThan(0);
  await engine.dispose();
});

describe('on the command line', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  const bench = (...argv: string[]) => runCli(['bench', ...argv], new TestIo(folder.path));

  test('a model that is not there is an error before anything is measured', async () => {
    const { exitCode, stderr } = await bench('decode', '--model', 'nobody');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('There is no model "nobody".') as unknown,
    });
  });

  test('other benchmarks measure no model of the user', async () => {
    const { exitCode, stderr } = await bench('overhead', '--model', 'nobody');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('choose one of: decode');
  });
});
