import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { engineConformance } from '../../../testing/conformance/engine.js';
import { EXACT_FUNCTIONS } from '../../support/accuracy.js';
import { temporaryFolder } from '../../support/cli.js';
import { vulkanEnvironment } from '../../support/webgpu/driver.js';
import type { WebgpuReport } from '../../support/webgpu/report.js';

const environment = vulkanEnvironment();
if (!environment)
  process.stderr.write(
    'webgpu is not tested: no Vulkan driver in software (Debian: apt-get install chromium)\n',
  );

/** Shaders of some hundred programs are compiled by one or two cores. */
const PATIENCE = 600_000;
/** ids, targets and segments of 2 rows of 16 tokens, and three scalars. */
const BATCH_BYTES = 3 * 2 * 16 * 4 + 3 * 4;

(environment ? describe : describe.skip)('onnxruntime on webgpu', () => {
  let report: WebgpuReport;
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  beforeAll(() => {
    // A process of its own: the driver is chosen by its environment, and a device that is lost ends it.
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        '--import',
        resolve('test/support/run-typescript.mjs'),
        resolve('test/support/webgpu/report.ts'),
        join(folder.path, 'profile'),
      ],
      { env: { ...environment, ORT_DISABLE_TELEMETRY: '1' }, encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    if (status !== 0) throw new Error(`The process with webgpu ended with ${String(status)}: ${stderr}`);
    report = JSON.parse(stdout.trim().split('\n').at(-1)!) as WebgpuReport;
  }, PATIENCE);

  test.each(engineConformance(() => Promise.reject(new Error('unused'))).map(({ name }) => name))(
    '%s',
    (name) => {
      expect(report.cases).toContain(name);
      expect(report.failed[name]).toBeUndefined();
    },
  );

  test('a training step crosses with its batch and its scalars, and comes back with scalars', () => {
    for (const copied of report.training.webgpu.copied) {
      expect(copied!.toDevice).toBe(BATCH_BYTES);
      expect(copied!.toHost % 4).toBe(0);
      expect(copied!.toHost).toBeLessThan(256);
    }
    expect(report.movedInside).toBe(0);
    process.stdout.write(
      `bytes per training step: ${JSON.stringify(report.training.webgpu.copied.at(-1))}\n`,
    );
  });

  test('trains as the CPU does', () => {
    const { webgpu, cpu } = report.training;
    webgpu.losses.forEach((loss, i) => expect(loss).toBeCloseTo(cpu.losses[i]!, 4));
    expect(webgpu.weights).toHaveLength(cpu.weights.length);
    webgpu.weights.forEach((weight, i) => expect(weight).toBeCloseTo(cpu.weights[i]!, 4));
  });

  test.each(Object.keys(EXACT_FUNCTIONS))('%s is exact over many magnitudes', (name) => {
    expect(report.accuracy[name]!.error).toBeLessThan(1e-6);
  });

  test.each(['2', '4', '8'])(
    'multiplies with codes of %s bits within the rounding of inputs to 8 bits',
    (bits) => {
      expect(report.packed[bits]).toBeLessThan(0.01);
    },
  );

  test('scores documents as the CPU does', () => {
    const { webgpu, cpu } = report.scoring;
    expect(webgpu).toMatchObject({
      ...cpu,
      nll: expect.closeTo(cpu.nll, 3) as number,
      expectedAnswers: expect.closeTo(cpu.expectedAnswers, 5) as number,
    });
  });
});
