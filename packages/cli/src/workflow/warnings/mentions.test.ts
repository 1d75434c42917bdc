import { readDefinition } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { listMentions } from './mentions.js';

function mentionsIn(run: string): readonly string[] {
  const text = `id = "acme/x"\nversion = "1.0.0"\n\n[steps.go]\nrun = '''\n${run}\n'''\n`;
  const { definition } = readDefinition({ text, file: 'workflow.toml' });
  return listMentions(definition ?? { actions: {}, steps: {}, catch: [] });
}

describe('listMentions', () => {
  it.each([
    ['./go.sh --fast', ['go.sh']],
    ['bash scripts/go.sh "data/in put.txt"', ['scripts/go.sh', 'data/in']],
    ['python3 tool.py <in/a.json >out.txt', ['tool.py', 'in/a.json']],
    ['# see scripts/old.sh', []],
    ['curl https://example.com/a.sh', []],
    ['cat "$SHEAF_BUNDLE/a/b.txt" "$HOME/x/y.sh" ~/z.sh', []],
    ['cat ../up/x.sh /etc/passwd package.json', []],
  ])('finds in %j the paths %j', (run, expected) => {
    expect(mentionsIn(run)).toEqual(expected);
  });
});
