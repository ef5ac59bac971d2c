import { basename, dirname, join, relative } from 'node:path';
import { ARCHITECTURE, type TensorDescription } from '../../core/contracts/architecture.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import type { Kernel } from '../../core/kernel/types.js';
import { modelArchitecture } from '../../nn/quantization/index.js';
import { checkTensors } from '../../storage/check-tensors.js';
import { nodeFileSystem } from '../../storage/file-system.js';
import { storageError } from '../../storage/io-error.js';
import { interchangesOf } from '../../storage/model-config.js';
import { SIDECARS } from '../../storage/model-files.js';
import { openModelFolder, type ModelFolder } from '../../storage/model-folder.js';
import { PACKED } from '../../storage/packed/index.js';
import { together } from '../../storage/together.js';
import { TOKENIZER_FILES } from '../merge/output/tokenizer.js';

/** Files of a model beside its weights and its tokenizer. */
const CONFIG_FILES = [
  'config.json',
  'generation_config.json',
  'metadata.json',
  'model.safetensors.index.json',
];

/** A model, ready to be written to a folder. */
export interface ModelToExport {
  /** Id in the registry, or the name of its folder. */
  readonly name: string;
  /** Folder that it is read from. */
  readonly source: string;
  readonly bytes: number;
  /** @param target an empty folder */
  write(target: string): Promise<void>;
}

/**
 * Open a model folder for copying: config, tokenizer and every file of weights as they are, after the headers of the
 * weights were compared with what the architecture describes, and packed weights with their checksums; side files with
 * them. What else lies there is left.
 *
 * @throws ForgeError AF_MODEL_FOLDER, AF_MODEL_CONFIG, AF_MODEL_TENSORS, AF_SAFETENSORS_FORMAT, AF_PACKED_FORMAT
 */
export async function folderToExport(kernel: Kernel, path: string): Promise<ModelToExport> {
  const opened = await openModelFolder(path, { interchanges: interchangesOf(kernel) });
  const { folder, names } = opened;
  const weights = await checkedWeights(opened, describedBy(kernel, opened.config));
  const copied = [
    ...weights,
    ...names.filter((name) => [...CONFIG_FILES, ...TOKENIZER_FILES].includes(name)),
    ...(names.includes(SIDECARS) ? await sideFiles(folder) : []),
  ];
  const sizes = await together(
    copied.map(async (name) => (await nodeFileSystem.stat(join(folder, name))).size),
  );
  return {
    ...{ name: opened.metadata?.model_id ?? basename(folder), source: folder },
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    write: async (target) => {
      for (const name of copied) await copy(join(folder, name), join(target, name));
    },
  };
}

/** Null where the architecture is not there: a model can be copied without being run. */
function describedBy(kernel: Kernel, config: ModelConfig): readonly TensorDescription[] | null {
  if (!kernel.names(ARCHITECTURE).includes(config.architecture)) return null;
  return modelArchitecture(kernel, config).describe(config.hyperparameters);
}

/** Names of the files of the weights, which hold what is described. */
async function checkedWeights(
  opened: ModelFolder,
  described: readonly TensorDescription[] | null,
): Promise<readonly string[]> {
  if (opened.isPacked) {
    const file = await opened.openPacked(described);
    for (const name of file.tensors.keys()) file.read(name);
    return [PACKED];
  }
  const tensors = await opened.openTensors();
  await tensors.close();
  const found = tensors.names.map((name) => tensors.entry(name));
  if (described !== null) checkTensors(found, described, opened.folder);
  return tensors.files.map((file) => basename(file));
}

/** Paths of what lies below the folder of side files, which metadata.json may name. */
async function sideFiles(folder: string): Promise<string[]> {
  const below = await nodeFileSystem.readdir(join(folder, SIDECARS), {
    recursive: true,
    withFileTypes: true,
  });
  return below
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await nodeFileSystem.mkdir(dirname(to), { recursive: true });
    await nodeFileSystem.copyFile(from, to);
    const handle = await nodeFileSystem.open(to, 'r+');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throw storageError(error, 'copy the file', from);
  }
}
