import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { listCommands } from './permissions.js';

const namesIn = (script: string) => listCommands(script).map(({ name }) => name);

describe('listCommands', () => {
  it.each([
    ['git log | jq . && curl x', ['git', 'jq', 'curl']],
    ['A=1 B="a b" git log; (npm test)', ['git', 'npm']],
    ['if ! git diff; then npm test; fi', ['git', 'npm', 'fi']],
    ["echo 'x\ngit log' # npm test\n# docker ps", ['echo']],
    ['echo "$(git "a") \\" npm" ; tar x', ['echo', 'tar']],
    ['curl \\\n  git x', ['curl']],
    ['cat <<END\ngit log\nEND', []],
    ["awk '", ['awk']],
    ['', []],
  ])('of %j are %j', (script, names) => {
    expect(namesIn(script)).toEqual(names);
  });

  it('stand where they are said to stand, in order, in any script', () => {
    const part = fc.constantFrom(
      'git',
      'npm',
      ' ',
      '\n',
      ';',
      '|',
      '&',
      '(',
      ')',
      '"',
      "'",
      '\\',
      '#',
      '$',
      '`',
      'A=',
      '=',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const script = parts.join('');
        let last = -1;
        for (const { name, start } of listCommands(script)) {
          expect(script.slice(start, start + name.length)).toBe(name);
          expect(start).toBeGreaterThan(last);
          last = start;
        }
      }),
    );
  });

  it('are found in time that grows with the script alone', () => {
    const startedMs = performance.now();
    for (const unit of ['"', "'a", 'git;', '#', '$(', '\\', 'A="'])
      listCommands(unit.repeat(Math.floor(500_000 / unit.length)));
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});
