import { describe, expect, it } from 'vitest';
import { askedFor } from './asked-for.js';

const permissions = { network: [], exec: [], read: ['.'], write: [], secrets: ['A'] };
const plan = { permissions: { ...permissions, secrets: ['A', 'B'] } };
const parameters = {
  out: { type: 'path', access: 'write', default: '../../.ssh', required: false },
  from: { type: 'path', access: 'read', required: true },
} as const;

describe('what somebody is asked to agree to', () => {
  it('has the secrets of parameters, and the paths that the workflow has chosen itself', () => {
    expect(askedFor({ permissions, parameters }, plan, { from: 'x' })).toEqual({
      ...permissions,
      write: ['../../.ssh'],
      secrets: ['A', 'B'],
    });
  });

  it('has no path that was given for it', () => {
    expect(askedFor({ permissions, parameters }, plan, { out: 'dist', from: 'x' }).write).toEqual([]);
  });
});
