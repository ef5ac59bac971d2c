import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';

/** What `npm pack` would put into the package of a folder; nothing is built and nothing is written. */
function packed(folder: string): string[] {
  const cache = mkdtempSync(join(tmpdir(), 'agentforge-pack-'));
  try {
    const { stdout, stderr } = spawnSync(
      'npm',
      ['pack', '--dry-run', '--json', '--ignore-scripts', '--cache', cache],
      { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' },
    );
    const start = stdout.indexOf('[');
    if (start < 0) throw new Error(`npm pack said nothing: ${stderr}`);
    const [report] = JSON.parse(stdout.slice(start)) as { files: { path: string }[] }[];
    return report!.files.map(({ path }) => path).sort();
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Files and folders that a Markdown file links to, by path from the package's root. */
function linksOf(document: string): string[] {
  const text = readFileSync(document, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.split('#')[0]!)
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => posix.join(dirname(document), target));
}

describe('the package agentforge', () => {
  const files = packed('.');

  test('is what it runs on, and what explains it', () => {
    const folders = new Set(files.map((file) => file.split('/')[0]));
    expect([...folders].sort()).toEqual(
      [
        'CONTRIBUTING.md',
        'LICENSE',
        'README.md',
        'bin',
        'dist',
        'docs',
        'examples',
        'package.json',
        'schemas',
      ].sort(),
    );
  });

  test('has no tests, no sources beside the examples, and nothing of the machine it was built on', () => {
    const sources = files.filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith('examples/'));
    expect(sources).toEqual([]);
    expect(
      files.filter((file) => /tsbuildinfo|\.test\.|\.map$|\.log$|(^|\/)\.|^dist\/test\//.test(file)),
    ).toEqual([]);
  });

  test('is built from nothing: what was built from sources that are gone is not in it', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['prepack']).toBe('npm run clean && npm run build');
  });

  test('every link in it leads to something in it', () => {
    const documents = files.filter((file) => file.endsWith('.md'));
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/plugins.md', 'examples/README.md']));
    const broken = documents.flatMap((document) =>
      linksOf(document)
        .filter(
          (target) =>
            !files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`)),
        )
        .map((target) => `${document} -> ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the package create-agentforge', () => {
  const files = packed('create-agentforge');

  test('is the command and what it writes', () => {
    const { bin } = JSON.parse(readFileSync('create-agentforge/package.json', 'utf8')) as {
      bin: Record<string, string>;
    };
    for (const file of Object.values(bin)) expect(files).toContain(posix.normalize(file));
    expect(files.filter((file) => file.startsWith('template/')).length).toBeGreaterThanOrEqual(6);
    expect(files.filter((file) => !/^(dist|template)\//.test(file))).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
  });

  test('has no sources of its own', () => {
    expect(files.filter((file) => file.endsWith('.ts') && !file.startsWith('template/'))).toEqual([]);
  });
});
