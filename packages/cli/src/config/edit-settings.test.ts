import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removeRegistry, setDefault, setRegistry } from './edit-settings.js';
import { parseSettings, type RegistrySetting } from './settings.js';

const PIN = 'sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const corp: RegistrySetting = { name: 'corp', url: 'https://corp.example', spki: [] };
const pinned: RegistrySetting = { ...corp, spki: [PIN], account: 'work' };

describe('a change of config.toml', () => {
  it('keeps what else stands there, comments too', async () => {
    const before =
      '# mine\nregistry = "tools"\n\n[registries]\n# at home\ntools = "https://tools.example" # x\n';
    const added = await setRegistry(before, 'c', corp);
    expect(added).toBe(`${before}corp = "https://corp.example"\n`);
    expect(await removeRegistry(added, 'c', 'corp')).toBe(before);
    expect(await removeRegistry(before, 'c', 'tools')).toBe('# mine\n\n[registries]\n# at home\n');
  });

  it('writes pins and an account as a table of their own, and takes it away again', async () => {
    const added = await setRegistry('[registries]\ncorp = "https://old.example"\n', 'c', pinned);
    expect(added).toBe(
      `[registries]\n\n[registries.corp]\nurl = "https://corp.example"\nspki = ["${PIN}"]\naccount = "work"\n`,
    );
    expect(await setRegistry(added, 'c', corp)).toBe('[registries]\ncorp = "https://corp.example"\n');
  });

  it.each([
    'registries = { corp = "https://old.example" }\n',
    'registries.corp = "https://old.example"\n',
    '[registries]\n"co\\u0072p" = "https://old.example"\n',
  ])('refuses %j, and says what to write', async (text) => {
    await expect(setRegistry(text, 'c', corp)).rejects.toMatchObject({
      code: 'config.by_hand',
      hint: ['change it by hand:', 'corp = "https://corp.example"'],
    });
    await expect(removeRegistry(text, 'c', 'corp')).rejects.toMatchObject({ code: 'config.by_hand' });
  });

  it('says in the end what all changes together say', async () => {
    const name = fc.constantFrom('a', 'b', 'corp', 'a-b');
    const change = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), name, spki: fc.boolean() }),
      fc.record({ kind: fc.constant('remove' as const), name }),
      fc.record({ kind: fc.constant('default' as const), name }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        let text = '# begin\n';
        const expected = new Map<string, RegistrySetting>();
        let usual: string | undefined;
        for (const one of changes) {
          const setting = {
            name: one.name,
            url: `https://${one.name}.example`,
            spki: one.kind === 'set' && one.spki ? [PIN] : [],
          };
          if (one.kind === 'set') {
            text = await setRegistry(text, 'c', setting);
            expected.set(one.name, setting);
          } else if (one.kind === 'remove' && expected.delete(one.name)) {
            text = await removeRegistry(text, 'c', one.name);
            if (usual === one.name) usual = undefined;
          } else if (one.kind === 'default' && expected.has(one.name)) {
            text = await setDefault(text, 'c', one.name);
            usual = one.name;
          }
        }
        const found = await parseSettings(text, 'c');
        expect([found.registry, Object.fromEntries(found.registries)]).toEqual([
          usual,
          Object.fromEntries(expected),
        ]);
        expect(text).toContain('# begin\n');
      }),
      { numRuns: 60 },
    );
  });
});
