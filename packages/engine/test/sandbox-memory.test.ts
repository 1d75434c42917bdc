import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSandboxing } from '../src/isolation/find-bwrap.js';
import { sandboxMemory, type SandboxMemory } from '../src/isolation/sandbox-memory.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();

function remembered(): { readonly memory: SandboxMemory; readonly file: string; readonly program: string } {
  const [file, program] = [join(folder(), 'sandbox'), join(folder(), 'bwrap')];
  writeFileSync(program, '');
  const memory = sandboxMemory(file);
  memory.keep({ bwrap: program, sh: '/bin/sh' });
  return { memory, file, program };
}

describe('what is remembered of a sandbox', () => {
  it('holds for the tools that have made one', () => {
    const { memory, program } = remembered();
    expect(memory.has({ bwrap: program, sh: '/bin/sh' })).toBe(true);
    expect(memory.has({ bwrap: program, sh: '/bin/sh', env: '/usr/bin/env' })).toBe(false);
    expect(memory.has({ bwrap: `${program}2`, sh: '/bin/sh' })).toBe(false);
  });

  it('holds no more once the program is another', () => {
    const { memory, program } = remembered();
    chmodSync(program, 0o755);
    expect(memory.has({ bwrap: program, sh: '/bin/sh' })).toBe(false);
  });

  it('is nothing that can be read out of the file, which holds a hash', () => {
    const { memory, file, program } = remembered();
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(file, program);
    expect(memory.has({ bwrap: program, sh: '/bin/sh' })).toBe(false);
  });

  it('is forgotten when it is doubted, also twice', () => {
    const { memory, file, program } = remembered();
    memory.forget();
    memory.forget();
    expect(existsSync(file)).toBe(false);
    expect(memory.has({ bwrap: program, sh: '/bin/sh' })).toBe(false);
  });

  it('is nothing where it cannot be kept', () => {
    const memory = sandboxMemory(join(folder(), 'missing', 'sandbox'));
    const tools = { bwrap: '/bin/sh', sh: '/bin/sh' };
    memory.keep(tools);
    expect(memory.has(tools)).toBe(false);
  });
});

describe.runIf(process.platform === 'linux' && existsSync('/usr/bin/bwrap'))('looking for a sandbox', () => {
  it('takes the tools that are known to work as they are, and tries nothing', async () => {
    const kept: unknown[] = [];
    const found = await findSandboxing({
      has: () => true,
      keep: (tools) => kept.push(tools),
      forget: () => undefined,
    });
    expect(found).toMatchObject({ tools: { bwrap: '/usr/bin/bwrap' } });
    expect(kept).toEqual([]);
  });
});
