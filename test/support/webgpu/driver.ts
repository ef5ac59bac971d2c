import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian's package `chromium` puts SwiftShader, a Vulkan driver in software, and the loader it comes with. */
const FOLDER = '/usr/lib/chromium';
const DRIVER = join(FOLDER, 'vk_swiftshader_icd.json');

/**
 * Environment of a process that has a Vulkan driver: the one the environment names, else the one in software. It has to
 * be set before the process starts.
 *
 * @returns null where there is none
 */
export function vulkanEnvironment(): NodeJS.ProcessEnv | null {
  const chosen = process.env['VK_DRIVER_FILES'] ?? '';
  if (chosen !== '') return process.env;
  if (!existsSync(DRIVER)) return null;
  return {
    ...process.env,
    VK_DRIVER_FILES: DRIVER,
    VK_ICD_FILENAMES: DRIVER,
    LD_LIBRARY_PATH: [FOLDER, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
    XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? mkdtempSync(join(tmpdir(), 'agentforge-webgpu-')),
  };
}
