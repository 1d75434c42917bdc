// Reads one definition in a process of its own, whose peak of memory it is: node read-definition.mjs FILE. Prints JSON.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readDefinition } from '@sheaf/workflow';

const [path = ''] = process.argv.slice(2);
const text = readFileSync(path, 'utf8');
const before = process.cpuUsage();
const began = performance.now();
const { diagnostics } = readDefinition({ text, file: basename(path) });
const ms = performance.now() - began;
const { user, system } = process.cpuUsage(before);
const status = readFileSync('/proc/self/status', 'latin1');
process.stdout.write(
  JSON.stringify({
    ms,
    cpuMs: (user + system) / 1000,
    peakMiB: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024,
    code: diagnostics[0]?.code,
    count: diagnostics.length,
  }),
);
