import { readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSandboxInfo } from '../src/isolation/sandbox-info.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();

it('finds the first process of a sandbox in what bwrap says, in a file that nobody else can open', () => {
  const dir = folder();
  const info = openSandboxInfo(join(dir, 'one.info'));
  expect(readdirSync(dir)).toEqual([]);
  expect(info.findFirst()).toBeUndefined();
  writeSync(info.fd, '{\n    "child-pid": 4711,\n    "net-namespace": 4026532177\n}\n');
  expect(info.findFirst()).toBe(4711);
  info.close();
});
