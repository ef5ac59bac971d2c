import { documentFlaws } from '../contracts/document-flaws.js';
import { isPlugin } from '../plugins/entries.js';
import { joinPath } from '../validation/path.js';
import type { Report } from '../validation/report.js';

/**
 * A config without the members that cannot be walked or merged safely: keys into prototypes, records that contain
 * themselves, endless nesting. Each is a problem.
 *
 * @param source the file or layer, for messages
 */
export function soundConfig(
  config: Readonly<Record<string, unknown>>,
  source: string,
  report: Report,
): Readonly<Record<string, unknown>> {
  const flawed = new Set<string | number>();
  for (const { path, message, fix } of documentFlaws(config, optionsOfPlugin)) {
    flawed.add(path[0]!);
    report({ at: path.reduce<string>((at, key) => joinPath(at, key), ''), source, message, fix });
  }
  if (flawed.size === 0) return config;
  return Object.fromEntries(Object.entries(config).filter(([key]) => !flawed.has(key)));
}

function optionsOfPlugin(record: object): unknown {
  return isPlugin(record) ? record.options : record;
}
