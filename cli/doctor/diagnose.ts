import { ENGINE } from '../../core/contracts/engine.js';
import type { Kernel } from '../../core/kernel/types.js';
import { isForgeError, type ForgeError } from '../../core/errors/index.js';
import { shownPath } from '../render/paths.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { Check } from './check.js';
import { checkCpu, checkData, checkGpu, checkMemory, checkNode, checkStorage } from './machine.js';

/** Everything `agentforge doctor` looks at, in the order it prints. */
export async function diagnose(
  kernel: Kernel,
  configError: ForgeError | null,
  cwd: string,
): Promise<readonly Check[]> {
  const config = configError === null ? foundConfig(kernel, cwd) : brokenConfig(configError);
  const [cpu, gpu, storage, data, engines] = await Promise.all([
    checkCpu(),
    checkGpu(),
    checkStorage(kernel.paths.storage),
    checkData(kernel.paths.data),
    checkEngines(kernel),
  ]);
  return [checkNode(process.versions.node), cpu, checkMemory(), gpu, ...storage, config, data, ...engines];
}

function foundConfig(kernel: Kernel, cwd: string): Check {
  if (kernel.configFile !== null)
    return { name: 'config', status: 'ok', detail: shownPath(kernel.configFile, cwd) };
  return {
    name: 'config',
    status: 'missing',
    detail: 'no config file here',
    fix: 'agentforge init writes one.',
  };
}

function brokenConfig(error: ForgeError): Check {
  return {
    name: 'config',
    status: 'failed',
    detail: `${error.code} ${error.message}`,
    fix: 'agentforge config --validate lists every problem.',
  };
}

async function checkEngines(kernel: Kernel): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const name of kernel.names(ENGINE)) {
    const { available, detail } = await probe(kernel, name);
    const needed = kernel.config.engine === name;
    checks.push({ name: `engine ${name}`, status: available ? 'ok' : needed ? 'failed' : 'missing', detail });
  }
  return checks;
}

async function probe(
  kernel: Kernel,
  name: string,
): Promise<{ readonly available: boolean; readonly detail: string }> {
  try {
    return await kernel.resolve(ENGINE, name).probe();
  } catch (cause) {
    const what = isForgeError(cause) ? `${cause.message} ${cause.fix ?? ''}`.trim() : messageOf(cause);
    return { available: false, detail: what };
  }
}
