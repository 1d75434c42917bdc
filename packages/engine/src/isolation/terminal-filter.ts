/** The descriptor that bwrap reads the filter from. */
export const FILTER_FD = 4;

/** Numbers of a processor (`AUDIT_ARCH_…` of linux/audit.h) and of ioctl(2) there. */
const KNOWN: Readonly<Record<string, readonly [arch: number, ioctl: number]>> = {
  x64: [0xc000003e, 16],
  arm64: [0xc00000b7, 29],
};

const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** System calls of the x32 ABI have this bit, and the architecture of the others. */
const X32 = 0x40000000;
const ALLOW = 0x7fff0000;
/** EPERM. */
const REFUSE = 0x00050001;

const LOAD = 0x20;
const EQUAL = 0x15;
const AT_LEAST = 0x35;
const RETURN = 0x06;

/**
 * A seccomp filter for a process that shares a terminal with what is outside of its sandbox: it may not type into that terminal, which
 * would then run what it typed (CVE-2017-5226). A program for the classic BPF of seccomp(2), little endian; undefined for processors that
 * are not known.
 */
export function terminalFilter(arch: string = process.arch): Buffer | undefined {
  const known = Object.hasOwn(KNOWN, arch) ? KNOWN[arch] : undefined;
  if (known === undefined) return undefined;
  const [audit, ioctl] = known;
  // Offsets in seccomp_data: 0 the number, 4 the architecture, 24 the lower half of the second argument.
  return assemble([
    [LOAD, 0, 0, 4],
    [EQUAL, 0, 7, audit],
    [LOAD, 0, 0, 0],
    [AT_LEAST, 5, 0, X32],
    [EQUAL, 0, 3, ioctl],
    [LOAD, 0, 0, 24],
    [EQUAL, 2, 0, TIOCSTI],
    [EQUAL, 1, 0, TIOCLINUX],
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, REFUSE],
  ]);
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** `struct sock_filter` of linux/filter.h, one behind the other. */
function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    const at = index * 8;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(value, at + 4);
  }
  return bytes;
}
