import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import { readDefinition } from '@sheaf/workflow';
import type { Context } from '../src/frame/context.js';
import { codeOf } from '../src/frame/errors.js';
import { ensureConsent, type ConsentSubject } from '../src/run/consent.js';
import { readChoice } from '../src/terminal/choices.js';
import { openOutput } from '../src/terminal/stream.js';

const NONE = { network: [], exec: [], read: [], write: [], secrets: [] };
const TEXT = `id = "acme/x"
version = "1.0.0"
[permissions]
exec = ["git", "curl"]
[steps.log]
run = "git log"
[steps.upload]
run = "curl https://example.com"
`;

function readBundle(): ConsentSubject['bundle'] {
  const { definition } = readDefinition({ text: TEXT, file: 'workflow.toml' });
  if (definition === undefined) throw new Error('the definition is not valid');
  const file = { path: 'workflow.toml', bytes: Buffer.from(TEXT), executable: false };
  return { definition, definitionPath: file.path, files: [file] };
}

const SUBJECT: ConsentSubject = {
  bundle: readBundle(),
  registry: 'a'.repeat(64),
  id: 'acme/x',
  version: '1.0.0',
  signers: ['a'.repeat(64)],
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
      mark: (lines) => said.push(lines),
      warn: (line) => said.push(line),
      ask,
      askSecret: ask,
      confirm: async (question) => (await ask(question)) === 'y',
      choose: async (question, choices) => readChoice(await ask(question), choices),
      waitedMs: () => 0,
      live: () => ({
        set: () => undefined,
        clear: () => undefined,
        hold: () => () => undefined,
        close: () => undefined,
      }),
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

const consent = (context: Context, subject: ConsentSubject, yes = false): Promise<string | undefined> =>
  ensureConsent(context, subject, {
    yes,
    reference: subject.id,
    profile: 'secure',
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

  it('asks about what is added alone, with the step and the line that need it', async () => {
    const { context, said } = createContext(['y', 'n']);
    await consent(context, SUBJECT);
    said.length = 0;
    const more = { version: '1.1.0', permissions: { ...NONE, exec: ['git', 'curl'] } };
    await consent(context, { ...SUBJECT, ...more });
    expect(said.slice(0, 3)).toEqual([
      'acme/x 1.1.0 by aaaa…aaaa, verified, same signer, asks for more (you agreed to 1.0.0):',
      '  + exec curl (step upload, workflow.toml:8)',
      '  = 1 as before',
    ]);
  });

  it('says what is asked for no more, without a question, but not when somebody else signed', async () => {
    const { context, said } = createContext(['y', 'n']);
    await consent(context, SUBJECT);
    said.length = 0;
    const less = { ...SUBJECT, version: '1.1.0', permissions: NONE };
    expect(await consent(context, { ...less, signers: ['b'.repeat(64)] })).toBe('approval.refused');
    said.length = 0;
    expect(await consent(context, less)).toBe('agreed');
    expect(said).toEqual(['acme/x 1.1.0 asks for less than you agreed to: - exec git']);
    said.length = 0;
    expect(await consent(context, less)).toBe('agreed');
    expect(said).toEqual([]);
  });

  it('takes no answer to a question that is too long to be read, and shows no control character', async () => {
    const { context, said } = createContext(['y']);
    const many = { ...NONE, network: Array.from({ length: 400 }, (_, i) => `host-${i}.example.com`) };
    expect(await consent(context, { ...SUBJECT, permissions: many })).toBe('permissions.not_approved');
    expect(said).toEqual([]);
    const hidden = { ...NONE, exec: ['git\u001b[2K\u202e'] };
    expect(await consent(context, { ...SUBJECT, permissions: hidden })).toBe('agreed');
    expect(said.join('')).toContain('git\\u{1b}[2K\\u{202e}');
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

  it('leaves it to the trust policy who may sign, and says when it is another', async () => {
    const { context, said } = createContext(undefined);
    expect(await consent(context, SUBJECT, true)).toBe('agreed');
    said.length = 0;
    expect(await consent(context, { ...SUBJECT, signers: ['b'.repeat(64)] }, true)).toBe('agreed');
    expect(said.join('\n')).toContain('ANOTHER SIGNER');
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
