import { spawn } from 'node:child_process';

type Env = Readonly<Record<string, string | undefined>>;

/** Whether a browser that is opened here is before the eyes of whoever typed the command. */
export function hasLocalDisplay(env: Env, platform: string = process.platform): boolean {
  const isSet = (name: string) => (env[name] ?? '') !== '';
  if (isSet('SSH_CONNECTION') || isSet('SSH_TTY')) return false;
  return platform === 'darwin' || platform === 'win32' || isSet('DISPLAY') || isSet('WAYLAND_DISPLAY');
}

/** Opens a page in the browser of `BROWSER`, else of the system. Whether that worked nobody knows: the page is shown as well. */
export function openBrowser(url: URL, env: Env, platform: string = process.platform): void {
  const [program, ...before] = browserOf(env, platform);
  // No shell: what stands in the address is one argument.
  const child = spawn(program, [...before, url.href], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}

function browserOf(env: Env, platform: string): readonly [string, ...string[]] {
  const own = env['BROWSER']?.trim() ?? '';
  if (own !== '') return [own];
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
