import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKernel, openProject, parseOverride, type RunEvent } from 'agentforge';
import { temporaryFolder } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

const folders: ReturnType<typeof temporaryFolder>[] = [];
afterAll(() => folders.forEach((folder) => folder.remove()));

/** A fresh folder with the toy's config. */
function toyFolder(config: string | null = TOY_CONFIG): string {
  const folder = temporaryFolder();
  folders.push(folder);
  writeFileSync(join(folder.path, 'package.json'), '{}');
  if (config !== null) writeFileSync(join(folder.path, 'agentforge.config.ts'), config);
  return folder.path;
}

describe('openProject', () => {
  test('plans, runs and finds what was made; nothing is printed', async () => {
    const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const events: RunEvent[] = [];
    const cwd = toyFolder();
    const project = await openProject({ cwd, onEvent: (event) => void events.push(event) });
    const plan = await project.plan();
    expect(plan.problems).toEqual([]);
    expect(plan.phases.map(({ name }) => name)).toEqual(['toy', 'second']);
    const report = await project.run();
    expect(report.status).toBe('completed');
    const [child, counter] = await project.models();
    expect([child?.name, counter?.name]).toEqual(['child', 'counter']);
    for (const reference of [counter!.id, 'counter', `${report.sessionId}:counter`])
      expect(await project.model(reference)).toEqual(counter);
    expect((await project.model('latest')).id).toBe(child!.id);
    expect((await project.sessions()).map(({ id }) => id)).toEqual([report.sessionId]);
    await project.dispose();
    expect(written.mock.calls).toEqual([]);
    written.mockRestore();
    expect(events.some(({ type }) => type === 'progress')).toBe(true);
    expect(project.configFile).toBe(join(cwd, 'agentforge.config.ts'));
    expect(project.config.seed).toBe(7);
  });

  test('a terminal of one’s own hears the console sink', async () => {
    let text = '';
    const terminal = {
      write: (chunk: string) => void (text += chunk),
      ...{ interactive: false, colour: false, columns: 100, verbosity: 'normal' as const },
    };
    const project = await openProject({ cwd: toyFolder(), terminal });
    await project.run();
    await project.dispose();
    expect(text).toContain('phase toy completed');
  });

  test('a preset, overrides and a config by value, as on the command line', async () => {
    const preset = await openProject({
      cwd: toyFolder(null),
      preset: 'quickstart',
      overrides: [parseOverride('phases.cognate.maxSteps=5')],
    });
    expect(preset.config.pipeline.map(({ name }) => name)).toEqual([
      ...['cognate', 'evomerge', 'quietstar', 'bitnet', 'curriculum', 'baking'],
    ]);
    expect(preset.config.pipeline[0]?.options['maxSteps']).toBe(5);
    await preset.dispose();
    const value = await openProject({ cwd: toyFolder(), config: { extends: ['quickstart'], seed: 3 } });
    expect(value.config.seed).toBe(3);
    expect(value.configFile).toBeNull();
    await value.dispose();
  });

  test('without a config it is an error, or the defaults; a config that was named must be there', async () => {
    const cwd = toyFolder(null);
    await expect(openProject({ cwd })).rejects.toMatchObject({ code: 'AF_CONFIG_NOT_FOUND' });
    const project = await openProject({ cwd, withoutConfig: 'defaults' });
    expect(project.config.pipeline).toEqual([]);
    await project.dispose();
    await expect(
      openProject({ cwd, withoutConfig: 'defaults', configPath: 'nowhere.yaml' }),
    ).rejects.toMatchObject({ code: 'AF_CONFIG_NOT_FOUND' });
  });

  test('a run is paused by its signal, by pause(), and goes on', async () => {
    const stop = new AbortController();
    const project = await openProject({
      cwd: toyFolder(),
      onEvent: (event) => {
        if (event.type === 'progress' && event.done === 2) stop.abort();
      },
    });
    const stopped = await project.run({ signal: stop.signal });
    expect(stopped.status).toBe('paused');
    const resumed = await project.run({ resume: stopped.sessionId });
    expect(resumed).toMatchObject({ status: 'completed', sessionId: stopped.sessionId });
    const events: RunEvent[] = [];
    await project.dispose();
    const other = await openProject({
      cwd: toyFolder(),
      onEvent: (event) => {
        events.push(event);
        if (event.type === 'progress' && event.done === 2) other.pause();
      },
    });
    expect((await other.run()).status).toBe('paused');
    await other.dispose();
  });

  test('two projects at once do not see each other, nor do two on the same folder disturb each other', async () => {
    const [here, there] = [toyFolder(), toyFolder()];
    const heard: string[][] = [[], [], []];
    const projects = await Promise.all(
      [here, there, here].map((cwd, i) =>
        openProject({
          cwd,
          overrides: [{ path: 'seed', value: i }],
          onEvent: (event) => {
            if (event.type === 'lifecycle' && event.event === 'session-start')
              heard[i]!.push(String(event.facts['sessionId']));
          },
        }),
      ),
    );
    const reports = await Promise.all(projects.map((project) => project.run()));
    expect(reports.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    expect(heard.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(await projects[0]!.models()).toHaveLength(4);
    expect(await projects[1]!.models()).toHaveLength(2);
    await projects[0]!.dispose();
    expect(await projects[2]!.models()).toHaveLength(4);
    await Promise.all(projects.map((project) => project.dispose()));
  });

  test('used after dispose it says so', async () => {
    const project = await openProject({ cwd: toyFolder() });
    await project.dispose();
    await project.dispose();
    for (const use of [
      () => project.plan(),
      () => project.run(),
      () => project.models(),
      () => project.model('x'),
      () => project.loadModel('x'),
      () => project.evaluate('x'),
      () => project.exportModel('x', { output: 'y' }),
      () => project.merge('x', { output: 'y' }),
      () => project.sessions(),
    ])
      await expect(use()).rejects.toMatchObject({ code: 'AF_KERNEL_DISPOSED', exitCode: 2 });
    expect(() => project.kernel).toThrow('This project was disposed.');
    expect(() => project.pause()).toThrow('This project was disposed.');
  });
});

describe('createKernel alone', () => {
  test('says where the built-in plugins are', async () => {
    const bare = createKernel({ cwd: toyFolder(null), config: { pipeline: ['cognate'] } });
    await expect(bare).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
      fix: expect.stringContaining('openProject'),
    });
    const preset = createKernel({ cwd: toyFolder(null), config: { extends: ['quickstart'] } });
    await expect(preset).rejects.toMatchObject({ fix: expect.stringContaining('openProject') });
  });

  test('does not speak of them when it has some', async () => {
    const project = openProject({ cwd: toyFolder(null), config: { pipeline: ['cogniate'] } });
    await expect(project).rejects.toMatchObject({ fix: expect.not.stringContaining('openProject') });
  });
});

test('the entry of the package loads nothing heavy', () => {
  const source = readFileSync(join(process.cwd(), 'tools/index.ts'), 'utf8');
  const loaded = [...source.matchAll(/^(?:import|export) (?!type\b).*from '(.+)';$/gm)].map(
    ([, from]) => from,
  );
  expect(loaded).toEqual(['../core/index.js']);
  expect(existsSync(join(process.cwd(), 'core/index.ts'))).toBe(true);
});
