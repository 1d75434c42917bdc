import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClientError, type ClientErrorCode } from '../errors.js';
import { thrown } from '../testing/failure.js';
import { parseProject } from './parse-project.js';

const RESERVED = new Set(['run', 'lock']);
const read = (text: string) => parseProject(text, 'sheaf.toml', RESERVED);

describe('sheaf.toml', () => {
  it('names registries, workflows and a policy', () => {
    const project = read(`
[registries]
corp = "https://wf.corp.example/"

[workflows]
deploy = "acme/deploy@^1.2"
internal = "corp:tools/sync@1.0.0"
newest = "acme/lint"

[policy]
mode = "allowlist"
`);
    expect([...project.registries]).toEqual([['corp', 'https://wf.corp.example']]);
    expect([...project.workflows.keys()]).toEqual(['deploy', 'internal', 'newest']);
    expect(project.workflows.get('internal')).toMatchObject({
      reference: { registry: 'corp', id: 'tools/sync', selector: { kind: 'version', version: '1.0.0' } },
      place: { line: 7, column: 12 },
    });
    expect(project.policy).toMatchObject({ mode: 'allowlist', file: 'sheaf.toml' });
  });

  it('may be empty', () => {
    expect(read('')).toMatchObject({ registries: new Map(), workflows: new Map() });
    expect(read('').policy).toBeUndefined();
  });

  it.each<[string, string, ClientErrorCode, string]>([
    ['no TOML', '[workflows\n', 'project.invalid', ':1:'],
    ['an unknown table', '[workflow]\na = "a/b"\n', 'project.invalid', ':1:2: unknown key "workflow"'],
    ['a reference that is none', '[workflows]\na = "deploy"\n', 'project.invalid', ':2:5: '],
    [
      'a workflow that is no text',
      '[workflows]\na = 1\n',
      'project.invalid',
      ':2:5: workflows.a must be text',
    ],
    ['a table that is none', 'workflows = 1\n', 'project.invalid', ':1:1: workflows must be a table'],
    ['a channel', '[workflows]\na = "acme/a@beta"\n', 'project.invalid', ':2:5: the channel "beta" moves'],
    [
      'a registry that is not there',
      '[workflows]\na = "corp:acme/a"\n',
      'project.invalid',
      ':2:5: there is no registry',
    ],
    ['a registry without an address', '[registries]\ncorp = "corp"\n', 'project.invalid', ':2:8: '],
    ['a name of a registry', '[registries]\nCorp = "https://a.example"\n', 'project.invalid', ':2:1: '],
    ['a short name with a slash', '[workflows]\n"a/b" = "acme/a"\n', 'project.invalid', ':2:1: '],
    [
      'a short name that is a verb',
      '[workflows]\nrun = "acme/a"\n',
      'project.name_reserved',
      ':2:1: "run" is a verb',
    ],
    ['a special key', '[workflows]\n__proto__ = "acme/a"\n', 'project.invalid', ':2:1: '],
    ['a wrong policy', '[policy]\nmode = "open"\n', 'policy.invalid', ':2:8'],
  ])('tells where it has %s', async (_what, text, code, place) => {
    const error = await thrown(() => read(text), code);
    expect(error.message).toContain(`sheaf.toml${place}`);
    expect(error.hint).toBeDefined();
  });

  it('is read or refused, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ maxLength: 40 }),
        (key, value) => {
          try {
            read(`[workflows]\n${JSON.stringify(key)} = ${JSON.stringify(value)}\n`);
          } catch (error) {
            expect(isClientError(error, 'project.invalid', 'project.name_reserved'), String(error)).toBe(
              true,
            );
            expect(String(error)).not.toMatch(/[\p{Cc}\u202E]/u);
          }
        },
      ),
    );
  });
});
