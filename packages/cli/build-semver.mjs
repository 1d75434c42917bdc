// What of semver the sources use, each part loaded when it is first asked for: loaded whole, it begins all that it can do.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const USE = /\bsemver\.(\w+)/g;
const PART = /^const (\w+) = require\('\.\/(\w+\/[\w-]+)'\)$/gm;

/** @param {readonly string[]} folders of the sources that import it */
export function semverParts(folders) {
  const index = readFileSync(createRequire(import.meta.url).resolve('semver'), 'utf8');
  const parts = new Map([...index.matchAll(PART)].map(([, name, path]) => [name, path]));
  const names = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(USE)].map(([, name]) => name)),
  );
  return [...new Set(names)]
    .sort()
    .map((name) => {
      const path = parts.get(name);
      if (path === undefined) throw new Error(`semver has no part for ${name}`);
      return `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('semver/${path}') });`;
    })
    .join('');
}
