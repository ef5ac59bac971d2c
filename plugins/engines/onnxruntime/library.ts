import { ForgeError } from '../../../core/errors/index.js';
import { messageOf } from '../../../core/errors/message-of.js';

export type Library = typeof import('onnxruntime-node');

/** From version 1.29 on the native library reads it once, while it is loaded. */
const TELEMETRY_SWITCH = 'ORT_DISABLE_TELEMETRY';

/** What is asked of the process; not every runtime has a report. */
export interface HostProcess {
  readonly env: Record<string, string | undefined>;
  readonly report?: { getReport(): object; excludeNetwork?: boolean } | undefined;
}

/**
 * The one place that loads onnxruntime, so that it is never loaded with its telemetry on: that looks up a host on the
 * network, writes to the user's cache and temporary folders, and crashes on a long command line.
 *
 * @param fix what to do where the library is not there
 * @throws ForgeError AF_ENGINE_NOT_INSTALLED, AF_ENGINE_TELEMETRY
 */
export async function loadLibrary(fix: string): Promise<Library> {
  switchTelemetryOff(process);
  try {
    const loaded: Library & { readonly default?: Library } = await import('onnxruntime-node');
    const library = loaded.default ?? loaded;
    // Errors are thrown as well; the native log would print them a second time.
    library.env.logLevel = 'fatal';
    return library;
  } catch (error) {
    throw new ForgeError(
      'AF_ENGINE_NOT_INSTALLED',
      `onnxruntime-node could not be loaded: ${messageOf(error)}`,
      { fix, cause: error },
    );
  }
}

/**
 * Set the switch in the environment of the process unless the user has set it: whoever writes `0` has chosen.
 * In a worker thread (or a test runner's sandbox) `process.env` is a copy that native code does not see.
 *
 * @throws ForgeError AF_ENGINE_TELEMETRY where the process itself cannot be told
 */
export function switchTelemetryOff(host: HostProcess): void {
  if ((host.env[TELEMETRY_SWITCH] ?? '') !== '') return;
  host.env[TELEMETRY_SWITCH] = '1';
  if (isInNativeEnvironment(host, TELEMETRY_SWITCH)) return;
  Reflect.deleteProperty(host.env, TELEMETRY_SWITCH);
  throw new ForgeError('AF_ENGINE_TELEMETRY', 'onnxruntime cannot be kept from sending telemetry here.', {
    at: TELEMETRY_SWITCH,
    fix: `Start the process with ${TELEMETRY_SWITCH}=1, or the worker thread with \`env: SHARE_ENV\` of node:worker_threads.`,
  });
}

/** Whether native code sees a variable; true where the runtime has no report that would tell. */
function isInNativeEnvironment({ report }: HostProcess, name: string): boolean {
  if (!report) return true;
  const before = report.excludeNetwork;
  // Without it, listing the network interfaces opens a socket.
  report.excludeNetwork = true;
  const { environmentVariables } = report.getReport() as { environmentVariables?: object };
  report.excludeNetwork = before;
  return environmentVariables === undefined || name in environmentVariables;
}
