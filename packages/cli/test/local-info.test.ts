import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import { PLAIN } from '../src/terminal/style.js';
import { renderLocalInfo } from '../src/output/info-local.js';
import { findLocal } from '../src/workflow/local-info.js';
import { buildCli, createMachine } from './harness.js';

const cwd = mkdtempSync(join(tmpdir(), 'sheaf-info-'));
const context = { cwd, env: {}, paths: findPaths({ HOME: cwd }, isAbsolute) };
const find = (word: string, readme = false) => findLocal(context, word, { readme });

beforeAll(() => {
  buildCli();
  mkdirSync(join(cwd, 'flow'));
  mkdirSync(join(cwd, 'other'));
  writeFileSync(
    join(cwd, 'flow', 'workflow.toml'),
    [
      'id = "acme/flow"',
      'version = "1.0.0"',
      'tags = ["git"]',
      '[permissions]',
      'exec = ["git"]',
      '[parameters.since]',
      'type = "string"',
      'default = "v0"',
      '[steps.log]',
      'run = "git log"',
    ].join('\n'),
  );
  writeFileSync(join(cwd, 'flow', 'README.md'), '# flow\n');
  writeFileSync(join(cwd, 'text.sheaf'), 'hello\n');
});

describe('what lies at a path', () => {
  it.each(['flow', './flow', 'flow/workflow.toml', join(cwd, 'flow')])(
    'is told of a folder, by whatever it is named: %s',
    async (word) => {
      const found = await find(word);
      expect(found?.local).toMatchObject({
        kind: 'folder',
        path: word,
        id: 'acme/flow',
        permissions: { exec: ['git'], network: [] },
        parameters: { since: { default: 'v0' } },
        steps: [{ id: 'log', needs: [] }],
        files: [{ path: 'README.md' }, { path: 'workflow.toml' }],
      });
      expect(found?.local).not.toHaveProperty('readme');
    },
  );

  it('says that nothing vouches for it, and what to do with it', async () => {
    const found = await find('flow');
    const look = { columns: 80, style: PLAIN, talkStyle: PLAIN, nowMs: 0 };
    const lines = found === undefined ? [] : (renderLocalInfo(found, look).answer ?? '').split('\n');
    expect(lines[0]).toBe('acme/flow 1.0.0  no licence given  #git');
    expect(lines).toContain('from       flow (your working tree, unsigned)');
    expect(lines.at(-1)).toBe('compare    sheaf diff flow');
  });

  it('is its README, when that is asked for', async () => {
    expect((await find('flow', true))?.local.readme).toBe('# flow\n');
  });

  it('is a document of its own, without a registry', () => {
    const { status, stdout, stderr } = createMachine().run(['info', 'flow', '--json'], { cwd });
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'sheaf.info-local/1',
      kind: 'folder',
      id: 'acme/flow',
    });
  });

  it('is nothing for a word that may mean something published', async () => {
    expect(await find('nothing')).toBeUndefined();
  });

  it('is refused where it is no workflow', async () => {
    await expect(find('other')).rejects.toMatchObject({ code: 'definition.missing' });
    await expect(find('./nothing')).rejects.toMatchObject({ code: 'file.not_found' });
    await expect(find('text.sheaf')).rejects.toMatchObject({ code: 'carry.invalid' });
  });
});
