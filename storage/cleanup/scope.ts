import type { Registry } from '../../core/contracts/registry.js';
import type { FileSystem } from '../file-system.js';

/** What a cleanup looks at. */
export interface CleanupScope {
  readonly root: string;
  readonly registry: Registry;
  /** Unix milliseconds. */
  readonly now: number;
  readonly graceHours?: number | undefined;
  readonly files?: FileSystem;
}

const HOUR_MS = 3_600_000;
const DEFAULT_GRACE_HOURS = 24;

/** Unreferenced artifacts changed from this moment on stay: their reference may be about to be written. */
export function graceLimit({ now, graceHours = DEFAULT_GRACE_HOURS }: CleanupScope): number {
  return now - graceHours * HOUR_MS;
}
