import { expect, test } from 'vitest';
import { parseServerConfig } from './server.js';

const parse = (args: readonly string[], env: Record<string, string>) => parseServerConfig(args, env, false);

test('a port that is none is told by the name under which it was given; a flag beats the environment', () => {
  expect(() => parse([], { SHEAF_PORT: '99999' })).toThrow('SHEAF_PORT "99999" is not valid');
  expect(() => parse(['--port', '99999'], { SHEAF_PORT: '80' })).toThrow('--port "99999" is not valid');
  expect(parse(['--port', '0'], { SHEAF_PORT: '99999' }).port).toBe(0);
  expect(parse([], { SHEAF_PORT: '80' }).port).toBe(80);
  expect(parse([], {}).port).toBe(7433);
});

test('wrong flags are told once, in one line', () => {
  expect(() => parse(['--prot', '1'], {})).toThrow(
    expect.objectContaining({ message: 'there is no flag --prot', cause: undefined }),
  );
});

test('the newest version of the command line is a release, or none', () => {
  expect(parse([], {}).cliLatest).toBeUndefined();
  expect(parse([], { SHEAF_CLI_LATEST: '1.10.0' }).cliLatest).toBe('1.10.0');
  expect(parse([], { SHEAF_CLI_LATEST: 'none' }).cliLatest).toBe('none');
  for (const wrong of ['1.2', 'latest', '1.2.3-rc.1', '1.2.3\u001b[2J'])
    expect(() => parse([], { SHEAF_CLI_LATEST: wrong })).toThrow('is no version');
});
