import { describe, expect, it } from 'vitest';
import { parseArgs } from '../frame/args.js';
import { ANY_JOB_FLAG, CLAIM_FLAGS, readJobs } from './job-claims.js';

const FLAGS = [{ name: 'issuer', value: 'ISSUER', summary: '' }, ...CLAIM_FLAGS, ANY_JOB_FLAG];
const read = (line: string) =>
  readJobs(parseArgs(line.split(' '), FLAGS, { names: [], required: 0 }, 'trust add'));
const GITHUB = 'https://token.actions.githubusercontent.com';

describe('a rule about jobs by flags', () => {
  it('names a repository, a project or who it belongs to, wherever it runs', () => {
    expect(read('--issuer github --repository-id 1 --ref refs/tags/v*')).toEqual({
      issuer: GITHUB,
      claims: [
        ['repository_id', '1'],
        ['ref', 'refs/tags/v*'],
      ],
    });
    expect(read('--issuer https://ghe.corp/_services/token --owner-id 5')?.claims).toEqual([
      ['repository_owner_id', '5'],
    ]);
    expect(read('--issuer https://gitlab.corp --group-id 4')?.claims).toEqual([['namespace_id', '4']]);
    expect(read('--issuer https://ci.corp --claim sub=publish')?.claims).toEqual([['sub', 'publish']]);
  });

  it.each([
    '--issuer github --ref refs/heads/main',
    '--issuer github --claim repository_owner_id=*',
    '--issuer github --claim sub=repo:acme/deploy:environment:prod',
    '--issuer gitlab --claim sub=project_path:acme/deploy:ref_type:tag:ref:v1',
    '--issuer https://gitlab.corp --claim project_path=acme/deploy',
    '--issuer github --owner-id * --any-job',
  ])('is refused when anybody could meet it: %s', (line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'usage.jobs_unnamed' }) as Error);
  });

  it('is for anybody only by a flag of its own, which contradicts a name', () => {
    expect(read('--issuer github --ref refs/heads/main --any-job')).toMatchObject({ anyJob: true });
    expect(() => read('--issuer github --repository-id 1 --any-job')).toThrow(
      '--any-job, and a claim that names',
    );
    expect(() => read('--any-job')).toThrow('whose issuer is not named');
  });
});
