import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CliError, describeError } from '../frame/errors.js';
import { annotateError, annotateInJob, renderAnnotations } from './annotations.js';

const finding = { severity: 'error', code: 'a.b', message: 'm', file: 'w.toml', line: 3, column: 4 } as const;

describe('renderAnnotations', () => {
  it('says the place, the code and what to do', () => {
    expect(renderAnnotations([{ ...finding, endLine: 3, endColumn: 9, hint: 'do it' }])).toBe(
      '::error file=w.toml,line=3,endLine=3,col=4,endColumn=9,title=a.b::m%0Ahelp: do it',
    );
  });

  it('gives no end column where the end is on another line', () => {
    expect(renderAnnotations([{ ...finding, endLine: 5, endColumn: 9 }])).toBe(
      '::error file=w.toml,line=3,endLine=5,col=4,title=a.b::m',
    );
  });

  it('needs no place', () => {
    expect(renderAnnotations([{ severity: 'warning', code: 'step.failed', message: 'exit 2' }])).toBe(
      '::warning title=step.failed::exit 2',
    );
  });

  it('stays one command whatever a text holds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (file, message) => {
        const line = renderAnnotations([{ ...finding, file, message }]);
        expect(line).not.toMatch(/[\r\n]/);
        const [, properties = '', data = ''] = /^::error (.*?)::(.*)$/s.exec(line) ?? [];
        const unescape = (text: string) =>
          text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
        expect(unescape(data)).toBe(message);
        const [, written = ''] = /^file=([^,:]*),line=3,/.exec(properties) ?? [];
        expect(unescape(written.replaceAll('%3A', ':').replaceAll('%2C', ','))).toBe(file);
      }),
    );
  });
});

describe('annotateInJob', () => {
  const job = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: '/src/repo' };

  it('names files from the root of the repository, and says nothing anywhere else', () => {
    const shown = { ...finding, hint: 'h' };
    expect(annotateInJob([shown], { env: job, cwd: '/src/repo/a/b' })).toContain('file=a/b/w.toml,');
    expect(annotateInJob([shown], { env: job, cwd: '/src/repo' })).toContain('file=w.toml,');
    expect(annotateInJob([shown], { env: job, cwd: '/src/other' })).toContain('file=w.toml,');
    expect(annotateInJob([{ ...shown, file: '/x/w.toml' }], { env: job, cwd: '/src/repo/a' })).toContain(
      'file=/x/w.toml,',
    );
    expect(annotateInJob([shown], { env: {}, cwd: '/src/repo' })).toBe('');
  });
});

describe('an error in a job', () => {
  const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: '/repo' };
  const annotate = (message: string, cwd = '/repo') =>
    annotateError(
      describeError(new CliError('lock.stale', message, { evidence: ['a\u202eb'], hint: 'lock' })),
      {
        env,
        cwd,
      },
    );

  it('is marked at the file of the project that it names, with what was found', () => {
    expect(annotate('sheaf.lock does not match sheaf.toml')).toBe(
      '::error file=sheaf.lock,title=lock.stale::sheaf.lock does not match sheaf.toml%0Aa\\u{202e}b%0Ahelp: lock',
    );
    expect(annotate('../sheaf.toml:3:5: no', '/repo/app')).toMatch(
      /^::error file=sheaf\.toml,line=3,col=5,title/,
    );
    expect(annotate('there is no sheaf.lock', '/repo/app')).toMatch(/^::error file=app\/sheaf\.lock,title/);
  });

  it('is marked at the rule that speaks, in whatever file of the repository', () => {
    for (const message of ['ci/trust.toml:7:3: there is no such key', 'acme is denied by ci/trust.toml:7'])
      expect(annotate(message)).toMatch(/^::error file=ci\/trust\.toml,line=7/);
    expect(annotate('acme is denied by /repo/ci/trust.toml:7')).toMatch(
      /^::error file=ci\/trust\.toml,line=7/,
    );
    expect(annotate('acme is denied by /etc/sheaf/trust.toml:7')).toMatch(/^::error title/);
    expect(annotate('all.toml is no rule')).toMatch(/^::error title/);
  });

  it('is marked at the policy of the job that has no rule for a publisher', () => {
    const error = (code: string) =>
      describeError(new CliError(code, 'no rule allows acme (mode allowlist: CI=true)'));
    const job = (policy: string) => ({ env: { ...env, SHEAF_TRUST_POLICY: policy }, cwd: '/repo/app' });
    expect(annotateError(error('publisher.not_allowed'), job('/repo/ci/trust.toml'))).toMatch(
      /^::error file=ci\/trust\.toml,title/,
    );
    expect(annotateError(error('publisher.not_allowed'), job('trust.toml'))).toMatch(
      /^::error file=app\/trust\.toml,title/,
    );
    expect(annotateError(error('publisher.not_allowed'), job('/etc/trust.toml'))).toMatch(/^::error title/);
    expect(annotateError(error('signer.changed'), job('trust.toml'))).toMatch(/^::error title/);
    expect(annotate('no rule allows acme (mode allowlist: /repo/t.toml)')).toMatch(
      /^::error file=t\.toml,title/,
    );
  });

  it('has no place where it names none, or one outside of the repository', () => {
    for (const message of ['no registry', 'my-sheaf.lockfile is new', '/other/sheaf.toml:1:1: no'])
      expect(annotate(message)).toMatch(/^::error title=lock\.stale::/);
  });

  it('is not marked elsewhere', () => {
    const error = describeError(new CliError('lock.stale', 'sheaf.lock is old'));
    expect(annotateError(error, { env: { GITLAB_CI: 'true' }, cwd: '/repo' })).toBe('');
  });
});
