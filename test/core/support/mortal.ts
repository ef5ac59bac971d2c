import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defineRegistry,
  defineStorage,
  type CheckpointArea,
  type Registry,
  type SessionStorage,
  type Storage,
} from '../../../core/contracts/index.js';
import type { BuiltinCatalogue } from '../../../core/kernel/types.js';
import { openLowdbRegistry } from '../../../plugins/registries/lowdb/registry.js';
import { openFilesStorage } from '../../../storage/files-storage.js';

/** A process that dies, as under SIGKILL, after a number of durable writes: the next one never happens nor returns. */
export class Life {
  private writes = 0;
  private died: () => void = () => undefined;
  readonly death = new Promise<void>((resolve) => {
    this.died = resolve;
  });
  sessionId: string | null = null;

  /**
   * @param lifetime writes that still happen
   * @param end what the next ones do; by default they neither happen nor return
   */
  constructor(
    private readonly lifetime: number,
    private readonly end: () => Promise<never> = () => new Promise<never>(() => undefined),
  ) {}

  get written(): number {
    return this.writes;
  }

  write<T>(work: () => Promise<T>): Promise<T> {
    if (this.writes >= this.lifetime) {
      this.died();
      return this.end();
    }
    this.writes += 1;
    return work();
  }
}

/** Storage and registry as built in, whose writes count against a life. */
export function mortalStores(life: Life): BuiltinCatalogue {
  const files = defineStorage({
    name: 'files',
    create: () => ({ open: async (root) => mortalStorage(await openFilesStorage(root), life) }),
  });
  const lowdb = defineRegistry({
    name: 'lowdb',
    create: () => ({ open: async (folder) => mortalRegistry(await openLowdbRegistry(folder), life) }),
  });
  return [
    { name: 'files', point: 'storage', load: () => Promise.resolve(files) },
    { name: 'lowdb', point: 'registry', load: () => Promise.resolve(lowdb) },
  ];
}

/** What the operating system does when a process dies: its lock is free. */
export async function buryLock(folder: string, sessionId: string): Promise<void> {
  await rm(join(folder, '.agentforge', 'sessions', sessionId, 'lock'), { recursive: true, force: true });
}

function mortalStorage(storage: Storage, life: Life): Storage {
  const { artifacts } = storage;
  return {
    root: storage.root,
    artifacts: {
      put: (name, content) => life.write(() => artifacts.put(name, content)),
      putTensors: (name, tensors, options) => life.write(() => artifacts.putTensors(name, tensors, options)),
      path: (ref) => artifacts.path(ref),
      read: (ref) => artifacts.read(ref),
      readText: (ref) => artifacts.readText(ref),
      readTensors: (ref) => artifacts.readTensors(ref),
    },
    newSessionId: async () => (life.sessionId = await storage.newSessionId()),
    openSession: async (id, options) => mortalSession(await storage.openSession(id, options), life),
    isLocked: (id) => storage.isLocked(id),
    freeBytes: () => storage.freeBytes(),
  };
}

function mortalSession(session: SessionStorage, life: Life): SessionStorage {
  return {
    folder: session.folder,
    checkpoints: (phase) => mortalArea(session.checkpoints(phase), life),
    writeFile: (name, content) => life.write(() => session.writeFile(name, content)),
    readFile: (name) => session.readFile(name),
    release: () => life.write(() => session.release()),
  };
}

function mortalArea(area: CheckpointArea, life: Life): CheckpointArea {
  return {
    save: (checkpoint, options) => life.write(() => area.save(checkpoint, options)),
    latest: () => area.latest(),
    clear: () => life.write(() => area.clear()),
    child: (name) => mortalArea(area.child(name), life),
  };
}

const WRITES = [
  'createSession',
  'updateSession',
  'savePhase',
  'registerModel',
  'saveHandoff',
  'deleteModel',
  'deleteSession',
];

function mortalRegistry(registry: Registry, life: Life): Registry {
  return new Proxy(registry, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      const method = (...args: unknown[]): unknown => member.apply(target, args) as unknown;
      return WRITES.includes(String(key))
        ? (...args: unknown[]) => life.write(async () => method(...args))
        : method;
    },
  });
}
