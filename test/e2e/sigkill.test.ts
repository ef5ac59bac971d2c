import { agentforge, hashesOf, removeProject, tinyProject, type Finished } from './support.js';

jest.setTimeout(300_000);

describe('a run killed with SIGKILL', () => {
  let unbroken: Finished;
  let unbrokenMs: number;
  beforeAll(async () => {
    const project = await tinyProject();
    const started = performance.now();
    unbroken = await agentforge(project, ['run', '--json']);
    unbrokenMs = performance.now() - started;
    await removeProject(project);
  });

  it('completes when it is left alone', () => {
    expect(unbroken.stderr).not.toContain('AF_');
    expect(unbroken.code).toBe(0);
    expect(Object.keys(hashesOf(unbroken))).toHaveLength(3);
  });

  it('ends with the same hashes when it is resumed, however often it was killed', async () => {
    const folder = await tinyProject();
    let kills = 0;
    // Early in the trunk, then again and again a little further on: the moments differ from machine to machine.
    for (const share of [0.35, 0.4, 0.45]) {
      const args = kills === 0 ? ['run', '--json'] : ['run', '--resume', 'latest', '--json'];
      const { code } = await agentforge(folder, args, share * unbrokenMs);
      if (code === 0) break;
      expect(code).toBeNull();
      kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    const resumed = await agentforge(folder, ['run', '--resume', 'latest', '--json']);
    expect(resumed.stderr).not.toContain('AF_');
    expect(resumed.code).toBe(0);
    expect(hashesOf(resumed)).toEqual(hashesOf(unbroken));
    await removeProject(folder);
  });

  it('leaves a second run on the same storage unharmed', async () => {
    const folder = await tinyProject();
    const [first, second] = await Promise.all([
      agentforge(folder, ['run', '--json'], 0.6 * unbrokenMs),
      agentforge(folder, ['run', '--json']),
    ]);
    expect(first.code).toBeNull();
    expect(second.code).toBe(0);
    expect(hashesOf(second)).toEqual(hashesOf(unbroken));
    await removeProject(folder);
  });
});
