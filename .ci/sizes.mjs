// How large files and functions of the product are: `node .ci/sizes.mjs [commit]`, by default the working tree.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const FOLDERS = [
  'core',
  'nn',
  'plugins',
  'presets',
  'storage',
  'tools',
  'cli',
  'bench',
  'testing',
  'create-agentforge',
];
const [commit] = process.argv.slice(2);
const git = (...words) => execFileSync('git', words, { encoding: 'utf8', maxBuffer: 1e9 });

const paths = (
  commit === undefined
    ? git('ls-files', '-co', '--exclude-standard')
    : git('ls-tree', '-r', '--name-only', commit)
)
  .split('\n')
  .filter(
    (path) => path.endsWith('.ts') && FOLDERS.includes(path.split('/')[0]) && !path.includes('/template/'),
  );

function textOf(path) {
  if (commit !== undefined) return git('show', `${commit}:${path}`);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // removed and not yet committed
  }
}

const lines = (text) => text.replace(/\n$/, '').split('\n').length;

/** Lines of every function with a body of its own: declarations, methods, and what is assigned to a name. */
function functionsOf(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body !== undefined && ts.isBlock(node.body)) {
      const name = node.name?.getText() ?? node.parent?.name?.getText?.() ?? '(no name)';
      found.push({ size: lines(node.getText()), at: `${path} ${name}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function summary(title, items) {
  const sorted = [...items].sort((a, b) => a.size - b.size);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].size;
  const { size, at: where } = sorted.at(-1);
  console.log(
    `${title}: ${items.length}, median ${at(0.5)}, 90th percentile ${at(0.9)}, largest ${size} (${where})`,
  );
}

const files = paths.flatMap((path) => {
  const text = textOf(path);
  return text === null ? [] : [{ at: path, text, size: lines(text) }];
});
summary('files', files);
summary(
  'functions',
  files.flatMap(({ at, text }) => functionsOf(at, text)),
);
console.log(`files of 15 lines or fewer: ${files.filter(({ size }) => size <= 15).length}`);
for (const folder of FOLDERS) {
  const own = files.filter(({ at }) => at.startsWith(`${folder}/`));
  console.log(`${folder}: ${own.length} files, ${own.reduce((sum, { size }) => sum + size, 0)} lines`);
}
