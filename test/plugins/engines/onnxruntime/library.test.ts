import { switchTelemetryOff, type HostProcess } from '../../../../plugins/engines/onnxruntime/library.js';

const SWITCH = 'ORT_DISABLE_TELEMETRY';

/** A process as native code sees it: `seen` is its real environment. */
function host(
  env: Record<string, string | undefined>,
  seen: Record<string, string | undefined> = env,
): HostProcess {
  return { env, report: { getReport: () => ({ environmentVariables: seen }) } };
}

describe('the telemetry switch of onnxruntime', () => {
  test('is set where nobody has set it', () => {
    for (const env of [{}, { [SWITCH]: '' }]) {
      const given = host(env);
      switchTelemetryOff(given);
      expect(given.env[SWITCH]).toBe('1');
    }
  });

  test('stays as the user has set it', () => {
    const given = host({ [SWITCH]: '0' }, {});
    switchTelemetryOff(given);
    expect(given.env[SWITCH]).toBe('0');
  });

  test('is an error, every time, where native code does not see it', () => {
    const given = host({}, {});
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => switchTelemetryOff(given)).toThrow(
        expect.objectContaining({ code: 'AF_ENGINE_TELEMETRY', exitCode: 2 }),
      );
    }
  });

  test('is taken as seen where the runtime has no report', () => {
    const given: HostProcess = { env: {} };
    switchTelemetryOff(given);
    expect(given.env[SWITCH]).toBe('1');
  });
});
