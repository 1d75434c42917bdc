import { readTomlDocument } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { removeProjectEntry, setProjectEntry } from './edit-project.js';

const set = (text: string, name: string, value: string) =>
  setProjectEntry(text, 'sheaf.toml', { table: 'workflows', name, value });
const remove = (text: string, name: string) =>
  removeProjectEntry(text, 'sheaf.toml', { table: 'workflows', name });

function valuesOf(text: string): unknown {
  const read = readTomlDocument(text);
  if ('problem' in read) throw new Error(read.problem.message);
  return JSON.parse(JSON.stringify(read.document.value));
}

const NAMES = ['deploy', 'lint', 'notes', 'a-1', 'constructor'];
const REFERENCES = ['acme/deploy@^1.2', 'corp:acme/x@>=1 <2 || 3.x', 'acme/y@1.0.0-rc.1'];

/** A project as people write it: comments, blank lines, odd spaces, any kind of string, tables in any order. */
const projects = fc
  .record({
    names: fc.subarray(NAMES),
    reference: fc.constantFrom(...REFERENCES),
    quoting: fc.constantFrom('"', "'"),
    indent: fc.constantFrom('', '  ', '\t'),
    comment: fc.constantFrom('', '  # why it is here', '#[workflows] "x" = {'),
    above: fc.constantFrom('', '# the tools\n', '\n# about [workflows]\n\n'),
    below: fc.constantFrom(
      '',
      '\n[policy]\nmin_release_age = "7d"\n',
      '[registries]\ncorp = "https://c.example"\n',
    ),
    style: fc.constantFrom('table', 'dotted', 'inline', 'none'),
    eol: fc.constantFrom('\n', '\r\n'),
    isEnded: fc.boolean(),
  })
  .map(({ names, reference, quoting, indent, comment, above, below, style, eol, isEnded }) => {
    const value = `${quoting}${reference}${quoting}`;
    const lines = {
      table: `[workflows]${comment}\n${names.map((name) => `${indent}${name}=  ${value}${comment}\n`).join('')}`,
      dotted: names.map((name) => `workflows.${name} = ${value} ${comment}\n`).join(''),
      inline: `workflows = { ${names.map((name) => `${name} = ${value}`).join(' , ')} } ${comment}\n`,
      none: '',
    }[style];
    const text = `${above}${lines}${below}`;
    return (isEnded ? text : text.trimEnd()).replaceAll('\n', eol);
  });

describe('editing sheaf.toml', () => {
  it('makes exactly the wanted change', () => {
    fc.assert(
      fc.property(
        projects,
        fc.constantFrom(...NAMES),
        fc.constantFrom(...REFERENCES),
        fc.boolean(),
        (text, name, value, isSet) => {
          const before = valuesOf(text) as { workflows?: Record<string, string> };
          const edited = isSet ? set(text, name, value) : remove(text, name);
          const others = Object.fromEntries(
            Object.entries(before.workflows ?? {}).filter(([key]) => key !== name),
          );
          const workflows = isSet ? { ...others, [name]: value } : others;
          const expected = before.workflows === undefined && !isSet ? before : { ...before, workflows };
          const after = valuesOf(edited) as typeof before;
          // A dotted table is gone with its last entry.
          expect({ ...after, workflows: after.workflows ?? {} }).toEqual({
            ...expected,
            workflows: expected.workflows ?? {},
          });
        },
      ),
    );
  });

  it('keeps every other byte', () => {
    fc.assert(
      fc.property(projects, fc.constantFrom(...NAMES), (text, name) => {
        const edited = set(text, name, 'acme/z@^9');
        // What is left when the edit is cut out at both ends stands in the original one after the other.
        let [head, tail] = [0, 0];
        while (head < text.length && text[head] === edited[head]) head++;
        while (tail < text.length - head && text.at(-1 - tail) === edited.at(-1 - tail)) tail++;
        const dropped = text.slice(head, text.length - tail);
        const isNew = !Object.hasOwn((valuesOf(text) as { workflows?: object }).workflows ?? {}, name);
        if (isNew) expect(dropped.trim()).toMatch(/^(?:\{\s*)?$/);
        else expect(dropped).not.toMatch(/[#\n=]\s*\S+\s*=/);
      }),
    );
  });

  it('gives the same bytes back when what was added is removed', () => {
    fc.assert(
      fc.property(projects, fc.constantFrom(...NAMES), (text, name) => {
        const values = valuesOf(text) as { workflows?: Record<string, string> };
        fc.pre(values.workflows !== undefined && !Object.hasOwn(values.workflows, name));
        fc.pre(Object.keys(values.workflows ?? {}).length > 0 && text.endsWith('\n'));
        expect(remove(set(text, name, 'acme/z'), name)).toBe(text);
      }),
    );
  });

  it('begins a file, and a table in one that has others', () => {
    expect(set('', 'deploy', 'acme/deploy@^1.2')).toBe('[workflows]\ndeploy = "acme/deploy@^1.2"\n');
    expect(
      setProjectEntry('[workflows]\r\na = "b/c"', 'sheaf.toml', {
        table: 'registries',
        name: 'corp',
        value: 'https://corp.example/',
      }),
    ).toBe('[workflows]\r\na = "b/c"\r\n\r\n[registries]\r\ncorp = "https://corp.example/"\r\n');
  });

  it('leaves a file alone that it cannot read again', async () => {
    await thrown(() => set('workflows = 3\n', 'deploy', 'acme/deploy'), 'project.by_hand');
    const { hint } = await thrown(() => set('[workflows', 'deploy', 'acme/deploy'), 'project.by_hand');
    expect(hint).toBe('change it by hand: in [workflows] write  deploy = "acme/deploy"');
  });
});
