'use strict';
const { URL } = require('node:url');
/**
 * Reports every socket and every file that JavaScript opens for writing, one JSON line each, to the file named by
 * AGENTFORGE_GUARD_LOG. It does not see native code: whoever uses it looks at what lies on the disk afterwards, too.
 */
const fs = require('node:fs');
const path = require('node:path');
const { syncBuiltinESMExports } = require('node:module');

const append = fs.appendFileSync;
const log = process.env.AGENTFORGE_GUARD_LOG;
let reporting = false;

function report(kind, what) {
  if (reporting) return;
  reporting = true;
  append(log, `${JSON.stringify({ kind, what })}\n`);
  reporting = false;
}

function wrap(owner, names, kind, describe) {
  for (const name of names) {
    const original = owner[name];
    if (typeof original !== 'function') continue;
    owner[name] = function (...args) {
      const what = describe(name, args);
      if (what !== null) report(kind, what);
      return Reflect.apply(original, this, args);
    };
    Object.assign(owner[name], original);
  }
}

const absolute = (file) => path.resolve(file instanceof URL ? file.pathname : String(file));
const first = (_, [file]) => (typeof file === 'number' ? null : absolute(file));
const second = (_, [, file]) => absolute(file);
const opened = (_, [file, flags = 'r']) => {
  const writes = typeof flags === 'number' ? (flags & 0o103) !== 0 : /[wa+]/.test(String(flags));
  return writes ? absolute(file) : null;
};

for (const [owner, suffix] of [
  [fs, ''],
  [fs, 'Sync'],
  [fs.promises, ''],
]) {
  const named = (...names) => names.map((name) => name + suffix);
  wrap(owner, named('open'), 'file', opened);
  wrap(owner, named('writeFile', 'appendFile', 'mkdir', 'truncate', 'unlink', 'rmdir', 'rm'), 'file', first);
  wrap(owner, named('rename', 'copyFile', 'cp', 'link', 'symlink'), 'file', second);
}
wrap(fs, ['createWriteStream'], 'file', first);

const net = require('node:net');
const dns = require('node:dns');
const said = (name, args) =>
  `${name} ${args.map((each) => (typeof each === 'function' ? '' : JSON.stringify(each))).join(' ')}`;
wrap(net.Socket.prototype, ['connect'], 'socket', said);
wrap(net.Server.prototype, ['listen'], 'socket', said);
wrap(require('node:dgram'), ['createSocket'], 'socket', said);
const lookups = Object.keys(dns).filter((name) => /^(lookup|resolve|reverse)/.test(name));
wrap(dns, lookups, 'socket', said);
wrap(dns.promises, lookups, 'socket', said);
const { fetch } = globalThis;
globalThis.fetch = (...args) => {
  report('socket', said('fetch', args));
  return fetch(...args);
};
syncBuiltinESMExports();
