import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * Why tests cannot ask the npm registry, or null when they can. Continuous integration always asks: there an
 * unreachable registry is a failure and not a reason to skip. `AGENTFORGE_TEST_REGISTRY=off` skips without asking.
 */
export function registryMissing(): string | null {
  if (process.env['AGENTFORGE_TEST_REGISTRY'] === 'off') return 'AGENTFORGE_TEST_REGISTRY=off';
  if (process.env['CI'] !== undefined) return null;
  const ping = ['ping', '--fetch-retries', '0', '--fetch-timeout', '10000'];
  const { status } = spawnSync(npm, ping, { stdio: 'ignore', timeout: 20_000 });
  return status === 0 ? null : 'the npm registry does not answer';
}

/** The environment without what npm says to its scripts: a child that is npm starts as from a shell. */
export function outsideNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

export interface Registry {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A registry that has some packages as if they were published, and sends whoever asks for another one to the real
 * registry.
 *
 * @param folders folders of the packages; they are packed as they are built
 * @param into where the archives are written
 */
export async function registryWith(folders: readonly string[], into: string): Promise<Registry> {
  const upstream = spawnSync(npm, ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim();
  const packages = new Map(folders.map((folder) => pack(folder, into)).map((made) => [made.name, made]));
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const path = request.url ?? '/';
    const [, name = '', , archive] = path.split('/');
    const made = packages.get(name);
    if (made === undefined) {
      response.writeHead(302, { location: new URL(path.slice(1), upstream).href }).end();
    } else if (archive !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(readFileSync(made.archive));
    } else {
      const tarball = `http://127.0.0.1:${port}/${name}/-/${name}-${made.version}.tgz`;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(listing(made, tarball)));
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly manifest: object;
  readonly archive: string;
}

function pack(folder: string, into: string): Packed {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Omit<Packed, 'manifest'>;
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', into];
  const { status, stderr } = spawnSync(npm, args, { cwd: folder, env: outsideNpm(), encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  const { name, version } = manifest;
  return { name, version, manifest, archive: join(into, `${name}-${version}.tgz`) };
}

/** What a registry says of a package with one version. */
function listing({ name, version, manifest }: Packed, tarball: string): object {
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball } } },
  };
}
