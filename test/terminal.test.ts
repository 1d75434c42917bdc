import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, openWithTwoKeys, refusal, writeFlow } from './support/namespace.js';
import { cleanEnvironment } from './support/registry-environment.js';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import { createPerson, type Person } from './support/sheaf.js';

/** What is asked at a terminal before something that cannot be taken back, with the built programs. */
const SHEAF = fileURLToPath(new URL('../packages/cli/bin/sheaf.js', import.meta.url));
/** `script` of util-linux gives a command a terminal of its own; others spell its flags differently. */
const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
/** Continuous integration must have the tool: there a missing one fails instead of being passed over. */
const canGiveTerminal = script.status === 0 && script.stdout.includes('util-linux');
const isCi = process.env['CI'] !== undefined;

interface Shown {
  readonly code: number | null;
  readonly shown: string;
}

/** Runs the program on a terminal; each answer is typed when its question has appeared. */
async function atTerminal(
  person: Person,
  args: readonly string[],
  answers: readonly (readonly [question: string, keys: string])[],
  env: Readonly<Record<string, string>> = {},
): Promise<Shown> {
  const line = [process.execPath, SHEAF, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: person.home,
    env: {
      ...cleanEnvironment(),
      HOME: person.home,
      TERM: 'dumb',
      SHELL: '/bin/sh',
      SHEAF_PROFILE: 'permissive',
      ...env,
    },
  });
  let shown = '';
  let seen = 0;
  const left = [...answers];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const [next] = left;
    if (next === undefined || !shown.slice(seen).includes(next[0])) return;
    seen = shown.length;
    left.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, shown };
}

let dir: string;
let registry: RegistryProcess;
let ana: Person;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ dir, registry, owner: ana, close } = await startOwnRegistry('ana', 'a'));
  await openWithTwoKeys(ana);
  for (const [version, key] of [
    ['1.0.0', 'a'],
    ['1.1.0', 'b'],
    ['1.2.0', 'b'],
  ] as const)
    await ana.ok(['publish', await writeFlow(ana, 'acme/deploy', version), '--key', key, '--yes']);
}, 120_000);
afterAll(() => close());

describe.runIf(canGiveTerminal || isCi)('at a terminal', () => {
  test('a publisher is accepted at the first use only by a yes, and then not asked about again', async () => {
    const reader = await createPerson(join(dir, 'reader'));
    const env = { SHEAF_REGISTRY: registry.url };
    const fetch = ['fetch', 'acme/deploy@1.0.0'];
    const first = ['[y/N] ', 'y'] as const;
    const asked = 'Trust acme from now on?';
    const no = await atTerminal(reader, fetch, [first, [asked, 'n']], env);
    expect(no.shown).toContain('publisher.not_accepted');
    expect(no.code).toBe(5);
    const yes = await atTerminal(reader, fetch, [[asked, 'y']], env);
    expect(yes.shown).toContain('first use of acme');
    expect(yes.code).toBe(0);
    const again = await atTerminal(reader, fetch, [[asked, 'n']], env);
    expect(again.shown).not.toContain(asked);
    expect(again.code).toBe(0);
  }, 60_000);

  test('what looks like a secret is published only by a yes of its own', async () => {
    const flow = await writeFlow(ana, 'acme/leaky', '1.0.0', { '.env': 'PASSWORD=x\n' });
    const publish = ['publish', flow, '--key', 'a', '--yes'];
    const asked = 'Publish it all the same?';
    const no = await atTerminal(ana, publish, [[asked, '']]);
    expect(no.shown).toContain('approval.refused');
    expect(no.code).toBe(5);
    expect(await refusal(ana, ['info', 'acme/leaky'])).toEqual(['workflow.not_found', 4]);
    expect((await atTerminal(ana, publish, [[asked, 'y']])).code).toBe(0);
    expect(await json(ana, ['info', 'acme/leaky'])).toMatchObject({ version: { version: '1.0.0' } });
  }, 60_000);

  test('a key is revoked as compromised only when the namespace is typed, after it was said what that refuses', async () => {
    await ana.ok(['yank', 'acme/deploy@1.1.0', '--reason', 'old', '--yes']);
    const { id } = await json(ana, ['key', 'export', 'b']);
    const revoke = ['key', 'revoke', 'acme', 'b', '--reason', 'compromised', '--key', 'a'];
    const { token } = (await json(ana, [
      ...['token', 'create', '--name', 'stolen', '--scope', 'recovery:acme', '--scope', 'key'],
    ])) as { token: string };
    const env = { SHEAF_TOKEN: token };
    const asked = 'Type acme to revoke the key for good: ';
    const no = await atTerminal(ana, revoke, [[asked, 'y']], env);
    expect(no.shown).toContain('2 published versions will be refused everywhere');
    expect(no.shown).toMatch(/acme\/deploy 1\.1\.0 {2}log #\d+ {2}yanked/);
    expect(no.code).toBe(5);
    expect(await json(ana, ['info', 'acme/deploy'])).toMatchObject({ version: { version: '1.2.0' } });
    const yes = await atTerminal(ana, revoke, [[asked, 'acme']], env);
    expect(yes.shown).toContain('is revoked as compromised');
    expect(yes.code).toBe(0);

    expect(await json(ana, ['info', 'acme/deploy'])).toMatchObject({ version: { version: '1.0.0' } });
    const refused = await json(ana, ['info', 'acme/deploy@1.2.0']);
    expect(refused).toMatchObject({ version: { revoked: { keyid: id, reason: 'compromised' } } });
    const { shown } = await atTerminal(ana, ['info', 'acme/deploy@1.2.0'], []);
    expect(shown).toContain('REVOKED');
    expect(shown).toContain('3 (2 revoked)');
    expect(await refusal(ana, ['fetch', 'acme/deploy@1.2.0', '--yes'])).toEqual(['key.revoked', 3]);
    expect((await ana.ok(['fetch', 'acme/deploy', '--yes'])).stdout).toContain('1.0.0');
  }, 60_000);
});
