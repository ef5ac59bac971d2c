import { basename, join } from 'node:path';
import type { FileSystem } from '../../../storage/file-system.js';
import { storageError } from '../../../storage/io-error.js';
import { readWhole } from '../../../storage/regular-file.js';
import { namesIn } from '../../../storage/temporary.js';
import { together } from '../../../storage/together.js';
import type { CheckpointHashes } from '../execute/hashes.js';
import type { MergePlan } from '../plan.js';
import { modelCard, recipeFile, recipeFileName } from './card.js';
import { shardIndex } from './shards.js';
import { tokenizerFiles } from './tokenizer.js';

/** Settings of sampling, which belong to a model as its config does. */
const GENERATION = 'generation_config.json';

export interface SmallFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

export interface SmallFileFacts {
  /** Name of the output folder. */
  readonly title: string;
  /** The models that were merged, and what they were merged from in turn. */
  readonly parents: readonly CheckpointHashes[];
  /** Who made it. */
  readonly producer: string;
}

/** Everything that lies beside the weights: index, config, tokenizer, recipe and card. */
export async function smallFiles(
  plan: MergePlan,
  facts: SmallFileFacts,
  files: FileSystem,
): Promise<SmallFile[]> {
  const { recipe, shards, configText, seed } = plan;
  const texts: SmallFile[] = [
    { name: recipeFileName(recipe), content: recipeFile(recipe, seed, facts.parents) },
    { name: 'README.md', content: cardOf(plan, facts) },
  ];
  if (configText !== null) texts.push({ name: 'config.json', content: configText });
  if (shards.length > 1)
    texts.push({
      name: 'model.safetensors.index.json',
      content: `${JSON.stringify(shardIndex(shards), null, 2)}\n`,
    });
  return [...texts, ...(await copiedFiles(plan, files))];
}

/** Write files into a folder that nobody else uses yet, all at once, and make them durable. */
export async function writeSmallFiles(
  folder: string,
  contents: readonly SmallFile[],
  files: FileSystem,
): Promise<void> {
  await together(
    contents.map(async ({ name, content }) => {
      const path = join(folder, name);
      try {
        const handle = await files.open(path, 'wx');
        try {
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (error) {
        throw storageError(error, `write ${name}`, path);
      }
    }),
  );
}

function cardOf(plan: MergePlan, { title, parents, producer }: SmallFileFacts): string {
  const { recipe, seed, shards, elements, tokenizerFrom, warnings } = plan;
  const dtypes = new Set(shards.flatMap(({ tensors }) => tensors.map(({ dtype }) => dtype)));
  return modelCard({
    ...{ title, recipe, seed, parents, producer, elements, warnings },
    dtypes: [...dtypes],
    tokenizerFrom: tokenizerFrom?.reference ?? null,
  });
}

async function copiedFiles(
  { tokenizerFrom, checkpoints }: MergePlan,
  files: FileSystem,
): Promise<SmallFile[]> {
  const leader = checkpoints[0]!.folder;
  const tokenizer = tokenizerFrom === null ? [] : await tokenizerFiles(tokenizerFrom, files);
  const paths = tokenizer.map((name) => join(tokenizerFrom!.folder, name));
  if ((await namesIn(leader, files)).includes(GENERATION)) paths.push(join(leader, GENERATION));
  return together(
    paths.map(async (path) => {
      try {
        return { name: basename(path), content: await readWhole(path, files) };
      } catch (error) {
        throw storageError(error, `copy ${basename(path)}`, path);
      }
    }),
  );
}
