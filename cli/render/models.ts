import type { ModelConfig } from '../../core/contracts/model.js';
import type { Ancestor } from '../../tools/models/lineage.js';
import type { ModelDocument } from '../report/model-document.js';
import {
  formatBytes,
  formatCount,
  formatValue,
  indent,
  narrower,
  printable,
  shortHash,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { shownPath } from './paths.js';
import { renderPairs, renderTable } from './table.js';

/** Stands for the path of a file that is not there any more. */
const GONE = 'gone';

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
    { title: 'model', fit: 'clip' as const },
    { title: 'phase', fit: 'clip' as const },
    { title: 'parameters', ...right },
    { title: 'size', ...right, worth: 3 },
    { title: 'held-out loss', ...right },
    { title: 'sha256', worth: 1 },
    { title: 'created (UTC)', worth: 2 },
    { title: 'id', worth: 4 },
  ];
  return renderTable(columns, rows, style);
}

export function renderModel(
  model: ModelDetails,
  options: { readonly style: Style; readonly cwd: string },
): string {
  const { style, cwd } = options;
  const inner = narrower(style, 2);
  const section = (title: string, body: string): readonly string[] =>
    body === '' ? [] : [`${style.bold(title)}\n${indent(body)}`];
  const values = (record: Readonly<Record<string, unknown>>): string =>
    renderPairs(
      Object.entries(record).map(([name, value]) => [name, formatValue(value)] as const),
      inner,
    );
  const files = model.files.map((file) => [
    file.purpose,
    formatBytes(file.bytes),
    shortHash(file.sha256),
    file.path === null ? GONE : printable(shownPath(file.path, cwd)),
  ]);
  const sections = [
    `${style.bold(printable(model.name))}\n${indent(renderPairs(identity(model), inner))}`,
    ...section('hyper-parameters', values(model.config.hyperparameters)),
    ...section('quantisation', quantisation(model.config, values)),
    ...section('metrics', values(model.metrics)),
    ...section('attributes', values(model.attributes)),
    ...section('lineage', lineage(model, style)),
    ...section(
      'files',
      renderTable(
        [
          { title: 'purpose', fit: 'clip' },
          { title: 'size' },
          { title: 'sha256', worth: 1 },
          { title: 'path', fit: 'wrap', paint: (path) => (path === GONE ? style.red(path) : path) },
        ],
        files,
        inner,
      ),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function quantisation(
  { quantization }: ModelConfig,
  values: (record: Readonly<Record<string, unknown>>) => string,
): string {
  if (quantization === undefined) return '';
  const counts = new Map<string, number>();
  for (const { use } of Object.values(quantization.formats)) counts.set(use, (counts.get(use) ?? 0) + 1);
  const formats = [...counts].map(([use, count]) => `${count} ${printable(use)}`).join(', ');
  const { weights, activations, norms } = quantization;
  return values({ weights, activations, formats, norms: norms.length });
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
