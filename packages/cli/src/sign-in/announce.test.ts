import { expect, it } from 'vitest';
import { announce, formatLeft, whyNoBrowser } from './announce.js';

it('counts minutes and seconds down to nothing', () => {
  expect([598_000, 60_000, 59_001, 400, -5].map(formatLeft)).toEqual([
    '9:58',
    '1:00',
    '1:00',
    '0:01',
    '0:00',
  ]);
});

it.each([
  [{ DISPLAY: ':0' }, 'linux', undefined],
  [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', undefined],
  [{ DISPLAY: ':10', SSH_CONNECTION: '1 2 3 4' }, 'linux', 'SSH session'],
  [{ SSH_TTY: '/dev/pts/1' }, 'darwin', 'SSH session'],
  [{}, 'linux', 'no display here'],
  [{}, 'darwin', undefined],
] as const)('knows of %j on %s why no browser is opened', (env, platform, why) => {
  expect(whyNoBrowser(env, platform)).toBe(why);
});

it('says page, code and time at once, with nothing in them that moves the cursor', () => {
  const said: string[] = [];
  const region = {
    set: () => undefined,
    clear: () => undefined,
    hold: () => () => undefined,
    close: () => undefined,
  };
  const ui = {
    say: (line: string) => void said.push(line),
    live: () => region,
    stderr: { canRedraw: false },
  };
  announce(
    { ui, now: () => 0, env: {} },
    { url: 'https://id.example/\u001b[2J', code: 'WDJB-MJHT', note: 'SSH session', forMs: 600_000 },
  )();
  expect(said).toEqual([
    '  open  https://id.example/\\u{1b}[2J',
    '        (SSH session)',
    '  code  WDJB-MJHT',
    '  within 10 minutes; Ctrl-C stops',
  ]);
});
