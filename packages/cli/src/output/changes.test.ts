import { patchFile, type WorkflowChanges } from '@sheaf/client';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../terminal/style.js';
import { renderPatches, renderSections } from './changes.js';

const changes: WorkflowChanges = {
  signers: { before: ['9c1f000000000000e07a'], after: ['04be00000000000077d2'] },
  permissions: {
    added: [
      { kind: 'exec', value: 'curl', neededBy: { step: 'upload', file: 'workflow.toml', line: 41 } },
      { kind: 'network', value: 'x\u202e.example' },
    ],
    removed: [{ kind: 'write', value: 'dist/**' }],
    kept: 4,
  },
  parameters: [
    { change: 'added', name: 'since', breaking: true, fields: [] },
    {
      change: 'changed',
      name: 'mode',
      breaking: false,
      fields: [
        { field: 'default', before: 'a', after: 'b' },
        { field: 'pattern', after: '^x' },
      ],
    },
  ],
  outputs: [{ change: 'removed', name: 'text', breaking: true, fields: [] }],
  steps: [
    { change: 'changed', name: 'go', breaking: false, fields: [{ field: 'run', before: 'a', after: 'b' }] },
  ],
  requirements: [
    {
      change: 'changed',
      name: 'git',
      breaking: false,
      fields: [{ field: 'minimum', before: '2', after: '3' }],
    },
  ],
  dependencies: [],
  files: [
    {
      change: 'changed',
      path: 'go.sh',
      beforeBytes: 3,
      afterBytes: 3,
      executable: { before: false, after: true },
    },
    { change: 'added', path: 'new', afterBytes: 2048 },
  ],
  filesKept: 2,
};

describe('what changed between two versions', () => {
  it('comes in the order of what matters, and nothing foreign is printed raw', () => {
    expect(renderSections(changes, 'CHANGED', PLAIN)).toEqual([
      'signer      CHANGED',
      'permissions + exec curl (step upload, workflow.toml:41)',
      '            + network x\\u{202e}.example',
      '            - write dist/**',
      '            = 4 as before',
      'interface   + parameter since  required  BREAKING',
      '            ~ parameter mode  default a → b, pattern ^x',
      '            - output text  BREAKING',
      'steps       ~ go  run',
      'requires    ~ git  minimum 2 → 3',
      'files       ~ go.sh  3 B, other content, now executable',
      '            + new  2.0 KiB',
      '            = 2 as before',
    ]);
  });

  it('ends a patch after so many lines', () => {
    const file = (text: string) => ({ path: 'a', bytes: Buffer.from(text), executable: false });
    const lines = Array.from({ length: 9000 }, (_, i) => `${i}\n`).join('');
    const shown = renderPatches([patchFile('a', undefined, file(lines))], PLAIN);
    expect(shown).toHaveLength(4001);
    expect(shown.at(-1)).toBe('… 5003 more lines; all of them: --patch --json');
    expect(shown.slice(0, 4)).toEqual(['--- a/a', '+++ b/a', '@@ -0,0 +1,9000 @@', '+0']);
  });
});
