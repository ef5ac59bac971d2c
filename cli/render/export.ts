import type { ExportReport } from '../../tools/index.js';
import { formatBytes, type Style } from '../../plugins/sinks/console/terminal/index.js';
import { renderPairs } from './table.js';

/** What `export` prints: the folder, and every file with its size and hash. */
export function renderExport({ model, folder, files, bytes }: ExportReport, style: Style): string {
  return `${renderPairs(
    [
      ['exported', model],
      ['folder', folder],
      ['size', formatBytes(bytes)],
      ...files.map(({ file, bytes: size, sha256 }) => {
        return [file, `${formatBytes(size)}  sha256 ${sha256.slice(0, 16)}`] as const;
      }),
    ],
    style,
  )}\n`;
}
