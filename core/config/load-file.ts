import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { ForgeError, isForgeError } from '../errors/index.js';
import { checkRegular, readText } from '../../storage/regular-file.js';
import { findJsonFlaw } from '../../storage/safetensors/json-keys.js';
import { messageOf } from '../errors/message-of.js';
import type { Importer } from './importer.js';

/** File extensions that are modules to be evaluated. */
export const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * What a config file holds: the default export of a module, or the document of a JSON or YAML file (a file without
 * extension is YAML, which includes JSON). `package.json` gives its `agentforge` member.
 * @throws ForgeError AF_CONFIG_NOT_FOUND, AF_CONFIG_LOAD with the file and the line where there is one,
 * AF_STORAGE_NOT_A_FILE
 */
export async function loadConfigFile(file: string, importer: Importer): Promise<unknown> {
  try {
    if (MODULE_EXTENSIONS.includes(extname(file))) return defaultOf(await importModule(file, importer));
    const text = withoutMark(await readText(file));
    return file.endsWith('package.json') ? memberOf(JSON.parse(text)) : await parseDocument(text);
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    throw loadError(file, cause);
  }
}

/** Default export of an ES module (nothing when it has only named ones), or all of a CommonJS module. */
export function defaultOf(module: unknown): unknown {
  if (typeof module !== 'object' || module === null) return module;
  if ('default' in module) return module.default;
  const named = '__esModule' in module || Object.prototype.toString.call(module) === '[object Module]';
  return named ? undefined : module;
}

async function importModule(file: string, importer: Importer): Promise<unknown> {
  checkRegular(file, await stat(file));
  return importer.importFile(file);
}

/** Editors of some systems put a byte order mark before the text. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function memberOf(manifest: unknown): unknown {
  return (manifest as { readonly agentforge?: unknown } | null)?.agentforge;
}

async function parseDocument(text: string): Promise<unknown> {
  const json = parseJson(text);
  if (json !== undefined) return json ?? {};
  const { parse } = await import('yaml');
  return (parse(text, { prettyErrors: true, uniqueKeys: true, logLevel: 'error' }) as unknown) ?? {};
}

/** JSON is YAML as well; plain JSON needs no parser of YAML, which takes longer to load than the file to read. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A key that stands twice is a mistake, and the other parser says where.
    return findJsonFlaw(text) === null ? value : undefined;
  } catch {
    return undefined;
  }
}

function loadError(file: string, cause: unknown): ForgeError {
  const { code, path } = cause as { readonly code?: unknown; readonly path?: unknown };
  if ((code === 'ENOENT' || code === 'ENOTDIR') && path === file) {
    return new ForgeError('AF_CONFIG_NOT_FOUND', `There is no config file ${file}.`, {
      at: file,
      cause,
      fix: 'Check the path, or run `agentforge init` to make a config.',
    });
  }
  return new ForgeError('AF_CONFIG_LOAD', `${file} could not be loaded: ${messageOf(cause)}`, {
    at: file,
    cause,
    fix: 'Mend the file; the message says what is wrong in it.',
  });
}
