export { formatBytes, formatCount, formatDuration, formatNumber, formatValue, shortHash } from './format.js';
export { DEFAULT_COLUMNS, terminalOf, type Environment, type TextStream } from './stream.js';
export { narrower, styleOf, type Style } from './style.js';
export { indent, plural, printable } from './plain-text.js';
export { clip, clipMiddle, visibleWidth, wrap } from './text.js';
