import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** The first line of what a program prints of its version, or undefined where there is no such program. */
export function findVersion(program: string, ...args: readonly string[]): string | undefined {
  try {
    const printed = execFileSync(program, args.length === 0 ? ['--version'] : args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return printed.split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}

/** Where and beside what a benchmark ran. */
export function describeMachine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMib: Math.round(totalmem() / (1 << 20)),
    system: `${process.platform} ${release()}`,
    loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
    versions: {
      node: process.version,
      tar: findVersion('tar') ?? 'missing',
      gzip: findVersion('gzip') ?? 'missing',
      sha256sum: findVersion('sha256sum') ?? 'missing',
      openssl: findVersion('openssl', 'version') ?? 'missing',
      pgbench: findVersion('pgbench') ?? 'missing',
    },
  };
}
