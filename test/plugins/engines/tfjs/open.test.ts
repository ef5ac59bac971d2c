import { isForgeError } from '../../../../core/errors/index.js';
import { BACKENDS } from '../../../../plugins/engines/tfjs/backends.js';
import { openEngine, probeEngine } from '../../../../plugins/engines/tfjs/open.js';

/** Whether a package can be loaded in this installation. */
async function isInstalled(name: string): Promise<boolean> {
  return import(name).then(
    () => true,
    () => false,
  );
}

describe('tfjs engine', () => {
  test('auto takes the first backend that is installed', async () => {
    const installed = [];
    for (const candidate of BACKENDS)
      if (candidate.package === null || (await isInstalled(candidate.package)))
        installed.push(candidate.choice);
    const engine = await openEngine('auto');
    expect(engine.info).toEqual({
      name: 'tfjs',
      device: installed[0],
      version: expect.stringMatching(/^\d/),
    });
    await engine.dispose();
  });

  test.each(BACKENDS.filter((candidate) => candidate.package !== null))(
    'a forced $choice that is missing is an error that says how to get it',
    async (candidate) => {
      if (await isInstalled(candidate.package!)) return;
      const error = await openEngine(candidate.choice).catch((thrown: unknown) => thrown);
      expect(isForgeError(error, 'AF_ENGINE_NOT_INSTALLED')).toBe(true);
      expect(isForgeError(error) && error.fix).toContain(`npm install ${candidate.package}`);
      const probe = await probeEngine(candidate.choice);
      expect(probe.available).toBe(false);
      expect(probe.detail).toContain(`${candidate.package} is not installed`);
    },
  );

  test('probing names the backend in use', async () => {
    expect(await probeEngine('cpu')).toEqual({
      available: true,
      detail: expect.stringMatching(/^tfjs .* on cpu$/),
    });
  });
});
