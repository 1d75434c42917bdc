import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { add } from '../src/commands/registry-add.js';
import { readSettings } from '../src/config/settings.js';
import { parseArgs } from '../src/frame/args.js';
import type { Context } from '../src/frame/context.js';

it('what two processes say of a registry at once is kept of both', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sheaf-at-once-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  const context = {
    env: {},
    paths: { config: () => dir, cache: () => dir },
    signal: new AbortController().signal,
    ui: { warn: () => undefined },
  } as unknown as Context;
  const say = (...words: string[]) =>
    add.run(context, parseArgs(words, add.flags, add.positionals, add.name));
  await say('corp', 'https://corp.example.com');
  const spki = `sha256/${Buffer.alloc(32, 1).toString('base64')}`;
  await Promise.all([say('corp', '--spki', spki), say('corp', '--account', 'work')]);
  expect((await readSettings(dir)).registries.get('corp')).toEqual({
    name: 'corp',
    url: 'https://corp.example.com',
    spki: [spki],
    account: 'work',
  });
});
