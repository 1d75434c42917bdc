import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderManual } from '../src/reference/man.js';
import { VERBS } from '../src/verbs.js';
import { PACKAGE_DIR } from './harness.js';
import { loadVerbs } from './load-commands.js';

const manual = renderManual(await loadVerbs(), '1.2.3');
const hasGroff = existsSync('/usr/bin/groff');
if (!hasGroff) console.warn('SKIPPED: no groff reads the manual: apt-get install -y groff');

it('has a page for sheaf and for every verb, which npm installs', () => {
  const names = ['sheaf.1', ...VERBS.map(({ name }) => `sheaf-${name}.1`)];
  expect([...manual.keys()].sort()).toEqual([...names].sort());
  const { man } = JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')) as { man: string[] };
  expect(man).toEqual(names.map((name) => `./dist/man/${name}`).sort());
});

it('has no line that a reader of pages would take for a request of its own', () => {
  const requests = ['.TH', '.SH', '.SS', '.TP', '.B', '.BR', '.I', '.nf', '.fi', '.nh', '.ad', '.br'];
  for (const [name, page] of manual) {
    for (const line of page.split('\n')) {
      if (/^[.']/.test(line)) expect(requests, name).toContain(line.split(' ', 1)[0]);
      expect(line, name).toMatch(/^[\x20-\x7e]*$/);
    }
  }
});

describe.runIf(hasGroff)('groff', () => {
  it('reads every page without a warning, and shows flags that can be copied', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sheaf-man-'));
    const files = [...manual].map(([name, page]) => {
      writeFileSync(join(folder, name), page);
      return join(folder, name);
    });
    const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-cbou', ...files], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('--max-parallel N');
  });
});
