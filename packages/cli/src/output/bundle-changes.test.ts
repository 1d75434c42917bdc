import { packTar, readBundle } from '@sheaf/bundle';
import { expect, test } from 'vitest';
import { describeChanges } from './bundle-changes.js';

function bundleOf(definition: string, files: Readonly<Record<string, string>>) {
  const all = {
    'workflow.toml': `id = "acme/one"\nversion = "1.0.0"\n\n[bundle]\ninclude = ["**"]\n${definition}`,
    ...files,
  };
  const archive = Object.entries(all).map(([path, text]) => ({
    path,
    bytes: Buffer.from(text),
    executable: false,
  }));
  return readBundle(packTar(archive));
}

const STEP = '\n[steps.go]\nrun = "echo one"\n';

test('names a file that keeps its size, and one that did not change at all it does not', () => {
  const before = bundleOf(STEP, { 'run.sh': 'echo well', same: 'same' });
  const after = bundleOf(STEP.replace('one', 'two'), { 'run.sh': 'curl evil', same: 'same' });
  expect(describeChanges(before, after)).toEqual([
    '~ file run.sh (other content, 9 bytes)',
    expect.stringMatching(/^~ file workflow\.toml \(other content, \d+ bytes\)$/),
  ]);
  expect(describeChanges(before, before)).toEqual([]);
});

test('names files, permissions and parameters that come, go and change', () => {
  const before = bundleOf(
    `[permissions]\nexec = ["curl"]\n[parameters.a]\ntype = "string"\nrequired = false\n[parameters.b]\ntype = "string"\n${STEP}`,
    { gone: 'x' },
  );
  const after = bundleOf(
    `[permissions]\nexec = ["rm"]\n[parameters.a]\ntype = "string"\nrequired = true\n[parameters.c]\ntype = "string"\nrequired = true\n${STEP}`,
    { new: 'x' },
  );
  expect(describeChanges(before, after)).toEqual(
    expect.arrayContaining([
      '+ exec rm',
      '- exec curl',
      '~ parameter a (now required)',
      '+ parameter c (required)',
      '- parameter b',
      '+ file new',
      '- file gone',
    ]),
  );
});

test('shows every file of a workflow that is new', () => {
  expect(describeChanges(undefined, bundleOf(STEP, { 'run.sh': 'x' }))).toEqual([
    'a new workflow',
    '+ file run.sh',
    '+ file workflow.toml',
  ]);
});
