import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Row } from '../lib/report.js';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const WHAT = 'sheaf run REF --offline';

/** What a cached, verified run of one step takes: `npm run bench:cli` measures it, and its newest result is told. */
export async function citeCachedRun(): Promise<Row> {
  const names = (await readdir(RESULTS)).filter((name) => /^cli-.*\.json$/.test(name)).sort();
  const newest = names.at(-1);
  const missing: Row = { what: WHAT, unit: 'ms', note: 'no results of npm run bench:cli' };
  if (newest === undefined) return missing;
  const { rows, commit } = JSON.parse(await readFile(`${RESULTS}${newest}`, 'utf8')) as {
    readonly rows: readonly Row[];
    readonly commit?: string;
  };
  const row = rows.find(({ what }) => what === WHAT);
  return row === undefined
    ? missing
    : { ...row, note: `from ${newest}, commit ${commit ?? 'unknown'}: npm run bench:cli` };
}
