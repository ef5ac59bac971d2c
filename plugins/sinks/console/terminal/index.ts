export { formatBytes, formatCount, formatDuration, formatNumber, formatValue, shortHash } from './format.js';
export { DEFAULT_COLUMNS, terminalOf, type Environment, type TextStream } from './stream.js';
export { narrower, styleOf, type Style } from './style.js';
export { clip, clipMiddle, indent, plural, printable, visibleWidth, wrap } from './text.js';
