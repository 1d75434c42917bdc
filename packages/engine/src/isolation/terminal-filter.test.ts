import { describe, expect, it } from 'vitest';
import { terminalFilter } from './terminal-filter.js';

/** Runs the filter as the kernel does, on a call with this number, architecture and second argument. */
function judge(
  program: Buffer,
  call: { readonly nr: number; readonly arch: number; readonly arg: number },
): number {
  const data: Readonly<Record<number, number>> = { 0: call.nr, 4: call.arch, 24: call.arg };
  let loaded = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const value = program.readUInt32LE(at + 4);
    if (code === 0x20) loaded = data[value] ?? 0;
    else if (code === 0x06) return value;
    else {
      const holds = code === 0x15 ? loaded === value : loaded >= value;
      at += 8 * program.readUInt8(at + (holds ? 2 : 3));
    }
  }
  throw new Error('it came to no end');
}

const ALLOW = 0x7fff0000;
const REFUSE = 0x00050001;

describe('the filter of a terminal', () => {
  it.each([
    ['x64', 0xc000003e, 16],
    ['arm64', 0xc00000b7, 29],
  ])('lets a process on %s do all but type into its terminal', (processor, arch, ioctl) => {
    const filter = terminalFilter(processor) ?? Buffer.alloc(0);
    const judged = (nr: number, arg: number, on = arch): number => judge(filter, { nr, arch: on, arg });
    expect([judged(ioctl, 0x5412), judged(ioctl, 0x541c)]).toEqual([REFUSE, REFUSE]);
    // TCGETS, TIOCSPGRP; and the same number as the argument of another call.
    expect([judged(ioctl, 0x5401), judged(ioctl, 0x5410), judged(ioctl + 1, 0x5412)]).toEqual([
      ALLOW,
      ALLOW,
      ALLOW,
    ]);
    // The same call by another door: 32 bits, x32.
    expect([judged(54, 0x5412, 0x40000003), judged(0x40000000 + ioctl, 0x5412)]).toEqual([REFUSE, REFUSE]);
  });

  it('is not there for a processor that it does not know', () => {
    expect(terminalFilter('mips')).toBeUndefined();
    expect(terminalFilter('constructor')).toBeUndefined();
  });
});
