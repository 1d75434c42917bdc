import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { formatDiagnostic, readDefinition } from '../src/index.js';

const FOLDER = join(import.meta.dirname, 'testdata', 'golden');
const CASES = readdirSync(FOLDER).filter((name) => /\.workflow\.(?:toml|yaml)$/.test(name));

describe('golden diagnostics', () => {
  it('has cases in both syntaxes', () => {
    expect(CASES.filter((name) => name.endsWith('.toml')).length).toBeGreaterThanOrEqual(30);
    expect(CASES.filter((name) => name.endsWith('.yaml')).length).toBeGreaterThanOrEqual(10);
  });

  it.each(CASES)('says the same about %s as before', async (file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    // A line `# files: a b` gives the paths of the bundle.
    const files = /^# files: (.*)$/m.exec(text)?.[1]?.split(' ');
    const { definition, diagnostics } = readDefinition({ text, file }, files && { files });
    const lines = diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`);
    const verdict = definition === undefined ? 'invalid' : `valid ${definition.id} ${definition.version}`;
    await expect(`${lines.join('')}${verdict}\n`).toMatchFileSnapshot(join(FOLDER, `${file}.out`));
  });
});
