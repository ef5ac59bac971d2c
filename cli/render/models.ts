import type { ModelConfig } from '../../contracts/model.js';
import type { Ancestor } from '../../tools/models/lineage.js';
import type { ModelDocument } from '../report/model-document.js';
import {
  formatBytes,
  formatCount,
  formatValue,
  indent,
  printable,
  shortHash,
  type Style,
} from '../../terminal/index.js';
import { shownPath } from './paths.js';
import { renderPairs, renderTable } from './table.js';

export interface ModelDetails extends ModelDocument {
  readonly config: ModelConfig;
  readonly lineage: readonly Ancestor[];
}

export function renderModels(models: readonly ModelDocument[], style: Style): string {
  if (models.length === 0) return 'No models yet: agentforge run makes some.\n';
  const rows = models.map((model) => [
    printable(model.name),
    printable(model.phase),
    formatCount(model.parameters),
    formatBytes(model.bytes),
    formatValue(model.heldOut.find((entry) => entry.dataset === null)?.loss ?? null),
    shortHash(model.sha256),
    model.createdAt.slice(0, 19).replace('T', ' '),
    printable(model.id),
  ]);
  const right = { align: 'right' as const };
  const columns = [
    { title: 'model' },
    { title: 'phase' },
    { title: 'parameters', ...right },
    { title: 'size', ...right },
    { title: 'held-out loss', ...right },
    { title: 'sha256' },
    { title: 'created (UTC)' },
    { title: 'id' },
  ];
  return renderTable(columns, rows, style);
}

export function renderModel(
  model: ModelDetails,
  options: { readonly style: Style; readonly cwd: string },
): string {
  const { style, cwd } = options;
  const section = (title: string, body: string): readonly string[] =>
    body === '' ? [] : [`${style.bold(title)}\n${indent(body)}`];
  const values = (record: Readonly<Record<string, unknown>>): string =>
    renderPairs(
      Object.entries(record).map(([name, value]) => [name, formatValue(value)] as const),
      style,
    );
  const files = model.files.map((file) => [
    file.purpose,
    formatBytes(file.bytes),
    shortHash(file.sha256),
    file.path === null ? style.red('gone') : printable(shownPath(file.path, cwd)),
  ]);
  const sections = [
    `${style.bold(printable(model.name))}\n${indent(renderPairs(identity(model), style))}`,
    ...section('hyper-parameters', values(model.config.hyperparameters)),
    ...section('metrics', values(model.metrics)),
    ...section('attributes', values(model.attributes)),
    ...section('lineage', lineage(model, style)),
    ...section(
      'files',
      renderTable(
        ['purpose', 'size', 'sha256', 'path'].map((title) => ({ title })),
        files,
        style,
      ),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function identity(model: ModelDetails): readonly (readonly [string, string])[] {
  return [
    ['id', model.id],
    ['session', model.sessionId],
    ['phase', model.phase],
    ['architecture', model.architecture],
    ['parameters', formatCount(model.parameters)],
    ['size', formatBytes(model.bytes)],
    ['sha256', model.sha256],
    ['seed', String(model.seed)],
    ['created', model.createdAt],
    ['tags', model.tags.join(', ')],
  ];
}

function lineage(model: ModelDetails, style: Style): string {
  if (model.lineage.length === 0) return 'made from nothing';
  return model.lineage
    .map(({ id, depth, phase, known }) => {
      const note = known ? `from phase ${phase ?? 'unknown'}` : 'no longer in the registry';
      return `${'  '.repeat(depth - 1)}${printable(id)} ${style.dim(note)}`;
    })
    .join('\n');
}
