import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);

it('shows the examples as they are', async () => {
  const readme = await readFile(new URL('README.md', ROOT), 'utf8');
  const shown = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
  const names = (await readdir(new URL('examples/', ROOT))).sort();
  expect(names.length).toBeGreaterThan(5);
  const missing: string[] = [];
  for (const name of names) {
    if (!shown.includes(await readFile(new URL(`examples/${name}`, ROOT), 'utf8'))) missing.push(name);
  }
  expect(missing, 'put them into README.md as they are').toEqual([]);
  expect(shown).toHaveLength(names.length);
});
