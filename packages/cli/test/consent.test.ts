import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import type { Context } from '../src/frame/context.js';
import { codeOf } from '../src/frame/errors.js';
import { ensureConsent, type ConsentSubject } from '../src/run/consent.js';
import { openOutput } from '../src/terminal/stream.js';

const NONE = { network: [], exec: [], read: [], write: [], secrets: [] };
const SUBJECT: ConsentSubject = {
  registry: 'a'.repeat(64),
  id: 'acme/x',
  version: '1.0.0',
  signers: ['a'.repeat(64)],
  recovered: [],
  permissions: { ...NONE, exec: ['git'] },
};

/** A context with a terminal that gives these answers; what was said is kept. */
function createContext(answers: readonly string[] | undefined): {
  readonly context: Context;
  readonly said: string[];
  readonly stateHome: string;
} {
  const stateHome = mkdtempSync(join(tmpdir(), 'sheaf-consent-'));
  const said: string[] = [];
  const left = [...(answers ?? [])];
  const output = openOutput(new PassThrough(), {});
  const ask = (question: string): Promise<string> => {
    said.push(question);
    return Promise.resolve(left.shift() ?? '');
  };
  const context: Context = {
    env: {},
    cwd: '/',
    paths: findPaths({ XDG_STATE_HOME: stateHome }, isAbsolute),
    ui: {
      stderr: output,
      canAsk: answers !== undefined,
      say: (line) => said.push(line),
      warn: (line) => said.push(line),
      ask,
      askSecret: ask,
      confirm: async (question) => (await ask(question)) === 'y',
      waitedMs: () => 0,
      live: () => ({ set: () => undefined, clear: () => undefined, close: () => undefined }),
    },
    stdout: output,
    json: false,
    signal: new AbortController().signal,
    now: () => 0,
    stdinIsTty: false,
    readStdin: () => Promise.resolve(''),
    packageDir: '/',
    version: '0.0.0',
  };
  return { context, said, stateHome };
}

const consent = (
  context: Context,
  subject: ConsentSubject,
  yes = false,
  acceptSigners: readonly string[] = [],
): Promise<string | undefined> =>
  ensureConsent(context, subject, {
    yes,
    acceptSigners,
    reference: subject.id,
    showPlan: () => 'THE PLAN',
  }).then(
    () => 'agreed',
    (error: unknown) => codeOf(error),
  );

describe('ensureConsent', () => {
  it('asks once for the same workflow, signer and permissions', async () => {
    const { context, said } = createContext(['y']);
    expect(await consent(context, SUBJECT)).toBe('agreed');
    expect(said.join('\n')).toContain('exec git');
    said.length = 0;
    expect(await consent(context, { ...SUBJECT, version: '1.1.0' })).toBe('agreed');
    expect(said).toEqual([]);
  });

  it.each([
    ['other permissions', { permissions: { ...NONE, exec: ['git', 'curl'] } }, '+ exec curl'],
    ['fewer permissions', { permissions: NONE }, '- exec git'],
    ['another signer', { signers: ['b'.repeat(64)] }, 'ANOTHER SIGNER'],
    ['another workflow', { id: 'acme/y' }, 'for the first time'],
    ['another registry', { registry: 'b'.repeat(64) }, 'for the first time'],
  ])('asks again for %s, and says what is different', async (_, change, text) => {
    const { context, said } = createContext(['y', 'n']);
    await consent(context, SUBJECT);
    said.length = 0;
    expect(await consent(context, { ...SUBJECT, ...change })).toBe('approval.refused');
    expect(said.join('\n')).toContain(text);
  });

  it('takes anything but yes for no, and keeps nothing then', async () => {
    for (const answer of ['', 'n', 'yess', 'Y no']) {
      const { context, stateHome } = createContext([answer]);
      expect(await consent(context, SUBJECT)).toBe('approval.refused');
      expect(readdirSync(stateHome)).toEqual([]);
    }
  });

  it('shows the plan and asks again', async () => {
    const { context, said } = createContext(['d', 'yes']);
    expect(await consent(context, SUBJECT)).toBe('agreed');
    expect(said).toContain('THE PLAN');
  });

  it('refuses without a terminal, unless it was agreed to on the command line', async () => {
    const { context } = createContext(undefined);
    expect(await consent(context, SUBJECT)).toBe('permissions.not_approved');
    expect(await consent(context, SUBJECT, true)).toBe('agreed');
    expect(await consent(context, SUBJECT)).toBe('agreed');
  });

  it('does not take --yes for an agreement to another signer', async () => {
    const { context } = createContext(undefined);
    const other = { ...SUBJECT, signers: ['b'.repeat(64)] };
    expect(await consent(context, SUBJECT, true)).toBe('agreed');
    await expect(
      ensureConsent(context, other, {
        yes: true,
        acceptSigners: [],
        reference: 'acme/x',
        showPlan: () => '',
      }),
    ).rejects.toMatchObject({
      code: 'signer.changed',
      evidence: expect.arrayContaining([
        expect.stringContaining('a'.repeat(64)),
        expect.stringContaining('b'.repeat(64)),
      ]) as string[],
    });
    expect(await consent(context, other, true, ['c'.repeat(64)])).toBe('signer.changed');
    expect(await consent(context, other, true, other.signers)).toBe('agreed');
    expect(await consent(context, { ...other, permissions: NONE }, true)).toBe('agreed');
    expect(await consent(context, { ...SUBJECT, permissions: NONE }, true)).toBe('agreed');
  });

  it('does not take --yes for an agreement to fewer or more signers', async () => {
    const { context } = createContext(undefined);
    const both = { ...SUBJECT, signers: ['a'.repeat(64), 'b'.repeat(64)] };
    expect(await consent(context, both, true)).toBe('agreed');
    expect(await consent(context, SUBJECT, true)).toBe('signer.changed');
  });

  it('asks about another signer on a terminal, also with --yes', async () => {
    const { context, said } = createContext(['n']);
    expect(await consent(context, SUBJECT, true)).toBe('agreed');
    said.length = 0;
    expect(await consent(context, { ...SUBJECT, signers: ['b'.repeat(64)] }, true)).toBe('approval.refused');
    expect(said.join('\n')).toContain('ANOTHER SIGNER');
  });

  it('holds the first signer to those that are named as accepted', async () => {
    const { context } = createContext(undefined);
    expect(await consent(context, SUBJECT, true, ['b'.repeat(64)])).toBe('signer.changed');
    expect(await consent(context, SUBJECT, false, SUBJECT.signers)).toBe('permissions.not_approved');
    expect(await consent(context, SUBJECT, true, SUBJECT.signers)).toBe('agreed');
  });

  it('does not take --yes for an agreement to a key that was registered by recovery', async () => {
    const { context } = createContext(undefined);
    const recovered = { ...SUBJECT, recovered: SUBJECT.signers };
    expect(await consent(context, recovered, true)).toBe('key.recovery');
    expect(await consent(context, SUBJECT, true)).toBe('agreed');
    expect(await consent(context, recovered, true)).toBe('key.recovery');
    expect(await consent(context, recovered, true, SUBJECT.signers)).toBe('agreed');
    expect(await consent(context, { ...recovered, permissions: NONE }, true)).toBe('agreed');
    const { context: terminal, said } = createContext(['y']);
    expect(await consent(terminal, recovered)).toBe('agreed');
    expect(said.join('\n')).toContain('REGISTERED BY RECOVERY');
  });

  it('does not take a damaged file for an agreement', async () => {
    const { context, stateHome } = createContext(['y']);
    await consent(context, SUBJECT);
    const folder = join(stateHome, 'sheaf', 'consents');
    for (const id of readdirSync(folder))
      for (const file of readdirSync(join(folder, id))) writeFileSync(join(folder, id, file), '{}');
    expect(await consent(context, SUBJECT)).toBe('approval.refused');
  });
});
