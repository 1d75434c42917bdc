import type { Context } from '../frame/context.js';
import { printable } from '../terminal/escape.js';
import { plural } from '../terminal/text.js';
import { hasLocalDisplay } from './browser.js';

/** What is used of the outside world to tell somebody how to sign in. */
export type AnnounceContext = Pick<Context, 'env' | 'now'> & {
  readonly ui: Pick<Context['ui'], 'say' | 'live'> & {
    readonly stderr: Pick<Context['ui']['stderr'], 'canRedraw'>;
  };
};

/** Where to go, and what to enter there. */
export interface Invitation {
  readonly url: string;
  /** Undefined for a page that comes back by itself. */
  readonly code?: string | undefined;
  /** The page with the code filled in. */
  readonly urlWithCode?: string | undefined;
  /** What became of the browser of this machine. */
  readonly note: string;
  readonly forMs: number;
}

/**
 * Says at once where to sign in, and counts down on a terminal that can redraw a line.
 *
 * @returns what ends the countdown
 */
export function announce(
  { ui, now }: AnnounceContext,
  { url, code, urlWithCode, note, forMs }: Invitation,
): () => void {
  ui.say(`  open  ${printable(url)}`);
  ui.say(`        (${note})`);
  if (code !== undefined) ui.say(`  code  ${printable(code)}`);
  if (urlWithCode !== undefined && urlWithCode !== url) ui.say(`  or    ${printable(urlWithCode)}`);
  if (!ui.stderr.canRedraw) {
    ui.say(`  within ${plural(Math.max(1, Math.floor(forMs / 60_000)), 'minute')}; Ctrl-C stops`);
    return () => undefined;
  }
  const endMs = now() + forMs;
  const live = ui.live(0);
  live.set(() => [`  ${formatLeft(endMs - now())} left, Ctrl-C stops`]);
  return live.close;
}

/** `9:58`. */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Why no browser is opened here; undefined when there is no reason not to. */
export function whyNoBrowser(env: Context['env'], platform: string = process.platform): string | undefined {
  if (hasLocalDisplay(env, platform)) return undefined;
  const isRemote = (env['SSH_CONNECTION'] ?? '') !== '' || (env['SSH_TTY'] ?? '') !== '';
  return isRemote ? 'SSH session' : 'no display here';
}
