// Fails when the lockfile could not be installed elsewhere: an optional platform package without an entry (npm writes such
// a lockfile silently when its mirror lags, and `npm ci` then refuses it), or an entry that names a download host.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/prepare.mjs';

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const problems = [];
for (const [path, entry] of Object.entries(packages)) {
  if (/^[a-z+]+:/.test(entry.resolved ?? ''))
    problems.push(`${path} names a download host: ${entry.resolved}`);
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!resolves(path, name)) problems.push(`${path || 'the root'} wants ${name}, which has no entry`);
  }
}
for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0
    ? 'the lockfile is complete and names no host'
    : `${problems.length} problem(s) in package-lock.json`,
);
process.exit(problems.length === 0 ? 0 : 1);

/** Whether a package finds another by walking up the tree, as Node does. */
function resolves(from, name) {
  for (let folder = from; ; folder = parent(folder)) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

function parent(folder) {
  const nested = folder.lastIndexOf('/node_modules/');
  return nested === -1 ? '' : folder.slice(0, nested);
}
