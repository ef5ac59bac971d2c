export { formatBytes, formatCount, formatDuration, formatNumber, formatValue, shortHash } from './format.js';
export { terminalOf, type Environment, type TextStream } from './stream.js';
export { styleOf, type Style } from './style.js';
export { clip, indent, plural, printable, visibleWidth } from './text.js';
