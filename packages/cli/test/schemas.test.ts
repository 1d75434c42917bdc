import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../schemas', import.meta.url));

it('the schemas say tuples as draft 2020-12 does', () => {
  const texts = readdirSync(FOLDER).map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  // `items` was a list, with `additionalItems` beside it, until draft 2019-09.
  expect(texts.filter((text) => /"additionalItems"|"items":\[/.test(text))).toEqual([]);
  expect(texts.filter((text) => text.includes('"prefixItems"'))).not.toEqual([]);
});
