import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findCi,
  findStepSummary,
  findWorkspace,
  holdsCommand,
  isCi,
  jsonWithoutCommands,
  withoutCommands,
} from './ci.js';

/** How the runner of GitHub finds a command in a line (actions/runner, src/Runner.Common/ActionCommand.cs). */
const isCommand = (line: string): boolean => /^[\s\u0085]*::/.test(line) || line.includes('##[');

const lines = fc
  .array(fc.constantFrom(':', '::', '#', '##', '[', 'error', ' ', '\t', '\u0085', 'x', '##[error]'))
  .map((parts) => parts.join(''));

describe('on GitHub', () => {
  it('no line that was made harmless is a command', () => {
    fc.assert(
      fc.property(lines, (line) => {
        expect(isCommand(withoutCommands(line, 'github')), withoutCommands(line, 'github')).toBe(false);
      }),
    );
  });

  it('no line of a text that was made harmless is one, however its lines end', () => {
    const ends = fc.constantFrom('\n', '\r', '\r\n');
    fc.assert(
      fc.property(fc.array(lines), ends, (all, end) => {
        const text = withoutCommands(all.join(end), 'github');
        expect(text.split(/\r\n|[\r\n]/).filter(isCommand)).toEqual([]);
      }),
    );
  });

  it('a long text without one is looked through in little time', () => {
    const begin = performance.now();
    expect(holdsCommand('\n'.repeat(200_000), 'github')).toBe(false);
    expect(holdsCommand(' '.repeat(200_000), 'github')).toBe(false);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it('every text with a line that is a command is seen', () => {
    fc.assert(
      fc.property(fc.array(lines), (all) => {
        if (all.some(isCommand)) expect(holdsCommand(all.join('\n'), 'github')).toBe(true);
      }),
    );
  });

  it('no document is a command, and it says the same', () => {
    fc.assert(
      fc.property(lines, (text) => {
        const json = jsonWithoutCommands({ text });
        expect(isCommand(json)).toBe(false);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });

  it('leaves alone what is no command', () => {
    for (const line of ['a :: b', '# [x]', 'std::string', ': x'])
      expect(withoutCommands(line, 'github')).toBe(line);
  });
});

describe('on GitLab', () => {
  it('a mark of a section becomes text, and nothing else changes', () => {
    const mark = 'x section_start:17:evil[collapsed=true]\r\u001b[0Kfake';
    expect(withoutCommands(mark, 'gitlab')).toBe(mark.replace('section_', 'section _'));
    for (const text of ['section_start:1:x', 'a\rb', '::error::x ##[x]\r'])
      expect(withoutCommands(text, 'gitlab')).toBe(text);
  });
});

describe('on TeamCity', () => {
  it('a service message becomes text wherever it stands, and nothing else changes', () => {
    expect(withoutCommands("a ##teamcity[setParameter name='x' value='y']\n##teamcity[x]", 'teamcity')).toBe(
      "a ## teamcity[setParameter name='x' value='y']\n## teamcity[x]",
    );
    for (const text of ['## x', '##teamcity', '::error::x'])
      expect(withoutCommands(text, 'teamcity')).toBe(text);
    const json = jsonWithoutCommands({ text: '##teamcity[x]' });
    expect(json).not.toContain('##');
    expect(JSON.parse(json)).toEqual({ text: '##teamcity[x]' });
  });
});

describe('on Azure Pipelines', () => {
  it('a logging command becomes text wherever it stands, and nothing else changes', () => {
    const told = 'a ##vso[task.setvariable variable=x]y\n##VSO[x]\n##[error]';
    expect(withoutCommands(told, 'azure')).toBe(
      'a ## vso[task.setvariable variable=x]y\n## VSO[x]\n## [error]',
    );
    for (const text of ['## x', '#vso[', '::error::x', 'section_start:1:x\r']) {
      expect(holdsCommand(text, 'azure')).toBe(false);
      expect(withoutCommands(text, 'azure')).toBe(text);
    }
  });

  it('no text that was made harmless holds one, nor does a document', () => {
    const parts = fc.array(fc.constantFrom('#', '##', 'vso', '[', 'x', 'VSO[', ' '), { maxLength: 20 });
    fc.assert(
      fc.property(parts, (all) => {
        const text = all.join('');
        expect(withoutCommands(text, 'azure')).not.toMatch(/##(?:vso)?\[/i);
        const json = jsonWithoutCommands({ text });
        expect(json).not.toMatch(/##(?:vso)?\[/i);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

describe('findCi', () => {
  it('knows four by the variables that they set', () => {
    expect(findCi({ GITHUB_ACTIONS: 'true' })).toBe('github');
    expect(findCi({ GITLAB_CI: 'true' })).toBe('gitlab');
    expect(findCi({ TF_BUILD: 'True' })).toBe('azure');
    expect(findCi({ TEAMCITY_VERSION: '2026.1' })).toBe('teamcity');
    expect(findCi({ CI: 'true', TF_BUILD: '', TEAMCITY_VERSION: '' })).toBeUndefined();
  });

  it('knows where either has the repository', () => {
    expect(findWorkspace({ GITHUB_WORKSPACE: '/gh' })).toBe('/gh');
    expect(findWorkspace({ GITHUB_WORKSPACE: '', CI_PROJECT_DIR: '/gl' })).toBe('/gl');
    expect(findWorkspace({})).toBeUndefined();
  });

  it('is in one that it does not know when CI says so', () => {
    for (const value of ['true', '1', 'yes']) expect(isCi({ env: { CI: value } })).toBe(true);
    for (const value of ['', '0', 'false', 'FALSE', undefined])
      expect(isCi({ env: { CI: value } })).toBe(false);
  });

  it('adds to the page of a job on GitHub only', () => {
    expect(findStepSummary({ GITHUB_STEP_SUMMARY: '/x' })).toBeUndefined();
    expect(findStepSummary({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/x' })).toBe('/x');
  });
});
