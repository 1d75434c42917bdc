import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** What pages load beside their HTML, in memory. */
export interface Assets {
  /** The script that runs before a page is drawn, for inside of it. */
  readonly boot: string;
  /** Its hash, as a content security policy names it (CSP3 §2.3.1). */
  readonly bootHash: string;
  /** Paths of the style sheet and of the icon. */
  readonly css: string;
  readonly icon: string;
  /** By path. Each is named by its content, so it never changes. */
  readonly files: ReadonlyMap<string, Asset>;
}

export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
}

/** What the build writes: the same place from the sources and from what they are built to. */
const FOLDER = new URL('../../../dist/assets/', import.meta.url);

interface Manifest extends Omit<Assets, 'bootHash' | 'files'> {
  readonly files: Readonly<Record<string, { readonly file: string; readonly type: string }>>;
}

/** Reads what the build has made. @throws Error when there is no build */
export async function loadAssets(folder: URL = FOLDER): Promise<Assets> {
  const { boot, css, icon, files } = await readManifest(folder);
  const read = Object.entries(files).map(async ([path, { file, type }]) => {
    const asset: Asset = { bytes: await readFile(new URL(file, folder)), type };
    return [path, asset] as const;
  });
  const hash = createHash('sha256').update(boot).digest('base64');
  return { boot, bootHash: `'sha256-${hash}'`, css, icon, files: new Map(await Promise.all(read)) };
}

async function readManifest(folder: URL): Promise<Manifest> {
  const text = await readFile(new URL('manifest.json', folder), 'utf8').catch((cause: unknown) => {
    throw new Error('the assets of the pages are not built: run npm run build', { cause });
  });
  return JSON.parse(text) as Manifest;
}
