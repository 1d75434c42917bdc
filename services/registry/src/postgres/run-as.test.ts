import { describe, expect, it } from 'vitest';
import { commandFor, serverEnvironment } from './run-as.js';

describe('how the server is run', () => {
  it('puts the prefix before the program', () => {
    const command = commandFor({ prefix: ['unshare', '--user'] }, '/bin/postgres', ['-D', '/data']);
    expect(command).toEqual({
      file: 'unshare',
      args: ['--user', '/bin/postgres', '-D', '/data'],
      options: { cwd: '/' },
    });
  });

  it('becomes the owner of the cluster', () => {
    const command = commandFor({ prefix: [], owner: { uid: 7, gid: 8 } }, '/bin/postgres', []);
    expect(command).toEqual({ file: '/bin/postgres', args: [], options: { cwd: '/', uid: 7, gid: 8 } });
  });

  it('hands on neither secrets nor settings of other servers', () => {
    const env = {
      PATH: '/bin',
      PGOPTIONS: '-c fsync=off',
      PGDATA: '/x',
      SHEAF_TOKEN: 's',
      NODE_OPTIONS: '-r x',
    };
    expect(serverEnvironment(env)).toEqual({ PATH: '/bin', LC_ALL: 'C', TZ: 'UTC' });
  });
});
