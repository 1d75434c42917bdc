import { parseProject, parseReference } from '@sheaf/client';
import { parseVersion } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { chooseName, rangeFrom, requirementFor } from './short-name.js';

const project = parseProject(
  '[registries]\ncorp = "https://corp.example"\ntools = "https://tools.example"\n[workflows]\nship = "acme/deploy@^1"\nlint = "corp:acme/lint"\n',
  'sheaf.toml',
  new Set(),
);
const choose = (reference: string, asked?: string): string =>
  chooseName(project, new Set(['run', 'diff']), parseReference(reference), asked);

describe('the short name of a workflow that is added', () => {
  it('is its own, or the one that it has already', () => {
    expect(choose('acme/notes@^1')).toBe('notes');
    expect(choose('acme/deploy@^2')).toBe('ship');
    expect(choose('acme/lint')).toBe('lint');
    expect(choose('acme/deploy', 'other')).toBe('other');
  });

  it.each([
    ['acme/run', undefined, 'project.name_reserved', 'sheaf add acme/run --as run-it'],
    ['acme/x@^1.2', 'Bad', 'project.name_invalid', 'sheaf add acme/x@^1.2 --as x'],
    ['other/x', 'ship', 'project.name_taken', 'sheaf add other/x --as other-x'],
    ['tools:acme/lint', undefined, 'project.name_taken', 'sheaf add tools:acme/lint --as acme-lint'],
  ])('of %s as %s is refused with %s', (reference, asked, code, help) => {
    let error: unknown;
    try {
      choose(reference, asked);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code });
    expect((error as { readonly hint: readonly string[] }).hint[0]?.replaceAll("'", '')).toBe(help);
  });
});

describe('the requirement that is written', () => {
  it.each([
    ['1.4.2', '^1.4'],
    ['0.3.0', '^0.3'],
    ['2.0.0-rc.1', '^2.0.0-rc.1'],
  ])('for %s is %s', (version, range) => {
    expect(rangeFrom(parseVersion(version))).toBe(range);
  });

  it('is what was asked for, but for a channel, which moves', () => {
    const version = parseVersion('1.4.2');
    const asked = parseReference('acme/x@~1.2').selector;
    expect(requirementFor(asked, version)).toEqual(asked);
    expect(requirementFor(parseReference('acme/x@beta').selector, version)).toEqual({
      kind: 'range',
      range: '^1.4',
    });
  });
});
