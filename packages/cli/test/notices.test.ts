import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import { greetOnce } from '../src/notices/first-run.js';
import { tellOfUpdate } from '../src/notices/update.js';
import type { OutputStream } from '../src/terminal/stream.js';
import { PLAIN } from '../src/terminal/style.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR_MS = 60 * 60 * 1000;

/** Somebody at a terminal, in a home of their own. */
function person(
  env: Record<string, string> = {},
  more: { readonly isTty?: boolean; readonly json?: boolean } = {},
) {
  const home = mkdtempSync(join(tmpdir(), 'sheaf-notices-'));
  const said: string[] = [];
  let nowMs = NOW;
  const stream: OutputStream = {
    isTty: more.isTty ?? true,
    canRedraw: false,
    style: PLAIN,
    columns: () => 80,
    write: () => undefined,
    isClosed: () => false,
    failure: () => undefined,
    flush: () => Promise.resolve(),
  };
  const context = {
    env: { HOME: home, ...env },
    paths: findPaths({ HOME: home }, isAbsolute),
    json: more.json ?? false,
    now: () => nowMs,
    version: '1.2.0',
    ui: { say: (line: string) => void said.push(line), stderr: stream },
    stdout: stream,
  };
  return { home, said, context, wait: (ms: number) => (nowMs += ms) };
}

describe('the greeting', () => {
  it('comes once, where nothing of sheaf is yet', async () => {
    const { said, context } = person();
    await greetOnce(context);
    expect(said.join('\n')).toContain('sheaf login URL');
    expect(said.length).toBeLessThanOrEqual(3);
    said.length = 0;
    await greetOnce(context);
    expect(said).toEqual([]);
  });

  it.each([
    ['in a pipe', person({}, { isTty: false })],
    ['in CI', person({ CI: 'true' })],
    ['under --json', person({}, { json: true })],
    ['where a registry is named', person({ SHEAF_REGISTRY: 'https://r.example' })],
  ])('does not come %s, and leaves nothing behind', async (_, { said, context, home }) => {
    await greetOnce(context);
    expect(said).toEqual([]);
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  it('does not come to who has a configuration, or where it could not be noted', async () => {
    const known = person();
    mkdirSync(known.context.paths.config(), { recursive: true });
    await greetOnce(known.context);
    const blocked = person();
    mkdirSync(join(blocked.home, '.local'), { mode: 0o500 });
    // Root may write everywhere, but not below a file.
    const paths =
      process.getuid?.() === 0 ? findPaths({ HOME: '/dev/null' }, isAbsolute) : blocked.context.paths;
    await greetOnce({ ...blocked.context, paths });
    chmodSync(join(blocked.home, '.local'), 0o700);
    expect([...known.said, ...blocked.said]).toEqual([]);
  });
});

describe('the notice of a newer version', () => {
  it('comes once a day, with the command that gets it', async () => {
    const { said, context, wait } = person();
    await tellOfUpdate(context, '1.3.0');
    expect(said).toEqual(['sheaf 1.3.0 is available, this is 1.2.0: npm install --global @sheaf/cli@1.3.0']);
    wait(23 * HOUR_MS);
    await tellOfUpdate(context, '1.3.0');
    expect(said).toHaveLength(1);
    wait(HOUR_MS);
    await tellOfUpdate(context, '1.3.0');
    expect(said).toHaveLength(2);
  });

  it('comes also when the clock was set back since', async () => {
    const { said, context, wait } = person();
    await tellOfUpdate(context, '1.3.0');
    wait(-HOUR_MS);
    await tellOfUpdate(context, '1.3.0');
    expect(said).toHaveLength(2);
  });

  it.each([
    ['in a pipe', person({}, { isTty: false })],
    ['in CI', person({ CI: '1' })],
    ['under --json', person({}, { json: true })],
    ['when it is turned off', person({ SHEAF_NO_UPDATE_NOTICE: '1' })],
  ])('does not come %s', async (_, { said, context }) => {
    await tellOfUpdate(context, '1.3.0');
    expect(said).toEqual([]);
  });

  it('does not come of this version, an older one, or none', async () => {
    const { said, context } = person();
    for (const version of ['1.2.0', '1.1.9', undefined]) await tellOfUpdate(context, version);
    expect(said).toEqual([]);
  });
});
