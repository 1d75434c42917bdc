import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the tests use of Debian's packages: for each a program that shows whether it is there, and what is skipped without it. */
const NEEDED = [
  { packages: ['ceph-mon', 'ceph-osd', 'radosgw'], program: '/usr/bin/radosgw', skips: 'the tests of S3' },
  {
    packages: ['postgresql-15'],
    program: '/usr/lib/postgresql/15/bin/postgres',
    skips: 'the tests on PostgreSQL 15',
  },
  { packages: ['bubblewrap'], program: '/usr/bin/bwrap', skips: 'the tests of isolation' },
  { packages: ['chromium'], program: '/usr/bin/chromium', skips: 'the tests of pages in a browser' },
  { packages: ['zsh'], program: '/usr/bin/zsh', skips: 'the tests of completion in zsh' },
  { packages: ['fish'], program: '/usr/bin/fish', skips: 'the tests of completion in fish' },
];

/**
 * Installs the Debian packages that are missing, where apt and root are there. Elsewhere it says what is skipped; with
 * `CI=true` the tests fail instead.
 */
export function installPackages({ say = () => {} } = {}) {
  const missing = NEEDED.filter(({ program }) => !existsSync(program));
  if (missing.length === 0) return;
  if (canInstall()) {
    const packages = missing.flatMap((needed) => needed.packages);
    say(`installing ${packages.join(' ')}`);
    apt(['update', '-q']);
    // One after the other: what this Debian does not have must not keep the others away.
    for (const needed of missing)
      apt([
        'install',
        '-y',
        '-q',
        '--no-install-recommends',
        '-o',
        'DPkg::Lock::Timeout=120',
        ...needed.packages,
      ]);
  }
  for (const { program, packages, skips } of missing)
    if (!existsSync(program))
      console.warn(`SKIPPED: ${skips}, which need ${packages.join(', ')} (apt-get install as root)`);
}

function canInstall() {
  const isRoot = process.getuid?.() === 0;
  return process.platform === 'linux' && isRoot && existsSync('/usr/bin/apt-get');
}

function apt(args) {
  const result = spawnSync('apt-get', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status !== 0)
    console.warn(`apt-get ${args[0]} failed: ${(result.stderr ?? '').trim().split('\n').at(-1) ?? ''}`);
}
