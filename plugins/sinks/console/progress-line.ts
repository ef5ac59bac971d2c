import type { ProgressEvent } from '../../../core/contracts/sink.js';
import {
  clip,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  visibleWidth,
  type Style,
} from './terminal/index.js';

const BAR_CELLS = 20;
const GAP = '  ';

export interface ProgressLineOptions {
  /** Characters there are; parts that matter least are left out to fit. */
  readonly columns: number;
  readonly memoryBytes: number;
  readonly style: Style;
  readonly bar: boolean;
}

interface Part {
  readonly text: string;
  /** Parts with the smallest number go first when the line is too long. */
  readonly worth: number;
}

/** `cognate trunk  [####......]  step 120/400  loss 2.31  tokens/s 8,210  ETA 1m 04s  phase 12 %  memory 620 MiB` */
export function progressLine(event: ProgressEvent, options: ProgressLineOptions): string {
  const parts = partsOf(event, options);
  const kept = fit(parts, options.columns);
  const line = kept.map((part) => part.text).join(GAP);
  return visibleWidth(line) <= options.columns ? line : clip(plainHead(event), options.columns);
}

function partsOf(event: ProgressEvent, options: ProgressLineOptions): Part[] {
  const { style } = options;
  const parts: Part[] = [{ text: style.bold(`${event.phase} ${event.task}`), worth: 9 }];
  if (options.bar) parts.push({ text: bar(event, style), worth: 1 });
  parts.push({ text: counted(event, style), worth: 8 });
  for (const [name, value] of Object.entries(event.values)) {
    parts.push({ text: `${style.dim(name)} ${formatNumber(value)}`, worth: name === 'loss' ? 7 : 5 });
  }
  const eta = event.etaSeconds === null ? '-' : formatDuration(event.etaSeconds);
  if (event.done < event.total) parts.push({ text: `${style.dim('ETA')} ${eta}`, worth: 6 });
  if (event.phaseFraction !== undefined) {
    parts.push({ text: `${style.dim('phase')} ${Math.floor(event.phaseFraction * 100)} %`, worth: 3 });
  }
  parts.push({ text: `${style.dim('memory')} ${formatBytes(options.memoryBytes)}`, worth: 2 });
  return parts;
}

/** `step 120/400`; a share is `30 %`. */
function counted({ unit, done, total }: ProgressEvent, style: Style): string {
  if (unit === '%' && total === 100) return `${formatCount(done)} %`;
  return `${style.dim(unit)} ${formatCount(done)}/${formatCount(total)}`;
}

function fit(parts: readonly Part[], columns: number): readonly Part[] {
  let kept = [...parts];
  while (kept.length > 1 && width(kept) > columns) {
    const least = Math.min(...kept.map((part) => part.worth));
    const last = kept.map((part) => part.worth).lastIndexOf(least);
    kept = kept.filter((_, index) => index !== last);
  }
  return kept;
}

function width(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + visibleWidth(part.text), GAP.length * (parts.length - 1));
}

function bar(event: ProgressEvent, style: Style): string {
  const fraction = event.total > 0 ? Math.min(1, Math.max(0, event.done / event.total)) : 0;
  const filled = Math.floor(fraction * BAR_CELLS);
  return `[${style.cyan('#'.repeat(filled))}${'.'.repeat(BAR_CELLS - filled)}]`;
}

function plainHead(event: ProgressEvent): string {
  return `${event.phase} ${event.task}`;
}
