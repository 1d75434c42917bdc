import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Page } from 'playwright-core';

/** `webp` is small enough to be kept with the sources. */
const FORMAT = process.env['SHEAF_SCREEN_FORMAT'] === 'webp' ? 'webp' : 'png';
const QUALITY = 55;
/** More of a long page says nothing new. */
const MOST_HEIGHT = FORMAT === 'webp' ? 1200 : 2400;

/** Writes a picture of a page, from its top on, beside the name of the file that is given without an extension. */
export async function takePicture(page: Page, path: string): Promise<void> {
  const { width, height } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
  }));
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format: FORMAT,
    ...(FORMAT === 'webp' && { quality: QUALITY }),
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height: Math.min(height, MOST_HEIGHT), scale: 1 },
  });
  await session.detach();
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${FORMAT}`, Buffer.from(data, 'base64'));
}
