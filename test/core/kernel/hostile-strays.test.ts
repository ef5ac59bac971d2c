import type { RunEvent } from '../../../core/contracts/index.js';
import type { TestKernel, TestKernelOptions } from '../../../testing/kernel.js';
import { hostileKernels, phase, plugin, sink } from '../support/hostile.js';
import { resultOf } from '../support/toys.js';

const boot = hostileKernels();

describe('errors that nobody waits for', () => {
  /** A kernel whose stray errors the test makes, in whatever context it likes. */
  function strayBoot(make: (stray: (thrown: unknown) => boolean) => TestKernelOptions): Promise<TestKernel> {
    let blame: (thrown: unknown) => boolean = () => false;
    return boot({
      ...make((thrown) => blame(thrown)),
      onStray: (listener) => {
        blame = listener;
        return () => (blame = () => false);
      },
    });
  }

  it('in a phase end it, name it, and it goes no further than its next pause point', async () => {
    const after: unknown[] = [];
    const test = await strayBoot((stray) => ({
      pipeline: [
        phase({
          run: async (context: { pausePoint(save: () => Promise<void>): Promise<void> }) => {
            await Promise.resolve();
            stray(new Error('adrift'));
            await new Promise<void>((next) => setImmediate(next));
            await context.pausePoint(() => Promise.resolve()).catch((error: unknown) => after.push(error));
            return resultOf();
          },
        }),
      ],
    }));
    const report = await test.kernel.run();
    expect(report).toMatchObject({
      status: 'failed',
      error: { code: 'AF_PLUGIN_STRAY', message: 'Phase "hostile" left work behind that failed: adrift' },
    });
    expect((await test.kernel.sessions())[0]).toMatchObject({ status: 'failed' });
    await new Promise<void>((next) => setImmediate(next));
    expect(after).toMatchObject([{ code: 'AF_PLUGIN_LATE' }]);
  });

  it('in a sink switch it off', async () => {
    const test = await strayBoot((stray) => ({
      plugins: [sink({ write: () => void Promise.resolve().then(() => stray(new Error('adrift'))) })],
    }));
    const report = await test.kernel.run();
    expect(report.status).toBe('completed');
    expect(report.warnings.join()).toMatch(
      /Sink "hostile" failed and is switched off: Sink\.write of plugin "hostile" left work behind that failed: adrift/,
    );
  });

  it('of a hook that is over fail the run under way, in the name of its plugin', async () => {
    const test = await strayBoot((stray) => ({
      plugins: [
        plugin((forge) =>
          forge.hooks.onBeforePipeline.tap('x', () => void setImmediate(() => stray(new Error('adrift')))),
        ),
      ],
      pipeline: [
        phase(
          {
            run: async () => {
              for (let i = 0; i < 200; i++) await new Promise<void>((next) => setImmediate(next));
              return resultOf();
            },
          },
          'other',
        ),
      ],
    }));
    const report = await test.kernel.run();
    expect(report.error).toMatchObject({
      code: 'AF_PLUGIN_STRAY',
      facts: { plugin: 'hostile', call: 'hook onBeforePipeline' },
    });
  });

  it('of nobody known are left to others', async () => {
    const outcome: boolean[] = [];
    await strayBoot((stray) => {
      setImmediate(() => outcome.push(stray(new Error('not ours'))));
      return {};
    });
    await new Promise<void>((next) => setImmediate(next));
    expect(outcome).toEqual([false]);
  });
});

describe("what plugins are shown is nobody else's to change", () => {
  it('events and their facts are frozen copies, and every sink can write them', async () => {
    const facts: Record<string, unknown> = { list: [1], big: 2n, fn: () => 1 };
    facts['self'] = facts;
    const heard: RunEvent[] = [];
    const test = await boot({
      plugins: [sink({ write: (event: RunEvent) => void heard.push(event) })],
      pipeline: [
        phase(
          {
            run: async (context: { event(name: string, facts: object): void }) => {
              context.event('alert', facts);
              return resultOf();
            },
          },
          'other',
        ),
      ],
    });
    expect((await test.kernel.run()).status).toBe('completed');
    const alert = heard.find((event) => event.type === 'lifecycle' && event.event === 'alert')!;
    expect(alert).toMatchObject({
      facts: { list: [1], big: '2n', self: 'a reference to an object above it' },
    });
    expect(Object.isFrozen(alert)).toBe(true);
    expect(Object.isFrozen(facts)).toBe(false);
    expect(() => JSON.stringify(alert)).not.toThrow();
  });
});
