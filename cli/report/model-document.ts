import type { ArtifactRef, ModelRef } from '../../core/contracts/model.js';
import type { ArtifactStore } from '../../core/contracts/store.js';
import { heldOutOf, type HeldOut } from './held-out.js';

export interface FileDocument {
  readonly purpose: string;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Absolute; null when the file is gone. */
  readonly path: string | null;
}

/** A model for `--json`: its metadata by the names of the report, and where its files are. */
export interface ModelDocument {
  readonly id: string;
  readonly name: string;
  readonly sessionId: string;
  readonly phase: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly sha256: string;
  readonly bytes: number;
  readonly createdAt: string;
  readonly parents: readonly string[];
  readonly seed: number;
  readonly heldOut: readonly HeldOut[];
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly files: readonly FileDocument[];
}

/** @param phaseMetrics of the phase that made it, where they are at hand */
export function modelDocument(
  model: ModelRef,
  artifacts: ArtifactStore,
  phaseMetrics: Readonly<Record<string, unknown>> = {},
): ModelDocument {
  const { metadata } = model;
  return {
    id: model.id,
    name: model.name,
    sessionId: metadata.session_id,
    phase: metadata.phase_name,
    architecture: model.config.architecture,
    parameters: metadata.parameters,
    sha256: metadata.sha256,
    bytes: metadata.bytes_on_disk,
    createdAt: metadata.created_at,
    parents: metadata.parent_model_ids,
    seed: metadata.seed,
    heldOut: heldOutOf(metadata.metrics, phaseMetrics),
    metrics: metadata.metrics,
    attributes: metadata.attributes,
    tags: metadata.tags,
    files: filesOf(model, artifacts),
  };
}

function filesOf(model: ModelRef, artifacts: ArtifactStore): readonly FileDocument[] {
  const files: [string, ArtifactRef][] = [['weights', model.weights]];
  if (model.tokenizer !== null) files.push(['tokenizer', model.tokenizer]);
  files.push(...Object.entries(model.sidecars));
  return files.map(([purpose, ref]) => ({ purpose, ...ref, path: pathOf(ref, artifacts) }));
}

function pathOf(ref: ArtifactRef, artifacts: ArtifactStore): string | null {
  try {
    return artifacts.path(ref);
  } catch {
    return null;
  }
}
