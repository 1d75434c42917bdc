import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotateInJob, renderAnnotations } from './annotations.js';

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
