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
const isCommand = (line: string): boolean => line.trimStart().startsWith('::') || line.includes('##[');

const lines = fc
  .array(fc.constantFrom(':', '::', '#', '##', '[', 'error', ' ', '\t', 'x', '##[error]'))
  .map((parts) => parts.join(''));

describe('on GitHub', () => {
  it('no line that was made harmless is a command', () => {
    fc.assert(
      fc.property(lines, (line) => {
        expect(isCommand(withoutCommands(line)), withoutCommands(line)).toBe(false);
      }),
    );
  });

  it('every text with a line that is a command is seen', () => {
    fc.assert(
      fc.property(fc.array(lines), (all) => {
        if (all.some(isCommand)) expect(holdsCommand(all.join('\n'))).toBe(true);
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
    for (const line of ['a :: b', '# [x]', 'std::string', ': x']) expect(withoutCommands(line)).toBe(line);
  });
});

describe('findCi', () => {
  it('knows two by the variables that they set', () => {
    expect(findCi({ GITHUB_ACTIONS: 'true' })).toBe('github');
    expect(findCi({ GITLAB_CI: 'true' })).toBe('gitlab');
    expect(findCi({ CI: 'true' })).toBeUndefined();
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
