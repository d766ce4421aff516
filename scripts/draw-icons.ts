// Draws the icons of the installed app from web/public/icon.svg; run it when the drawing changes, and commit what it wrote.
import { join } from "node:path";
import { launchBrowser } from "../tests/e2e/browser.ts";

const folder = join(import.meta.dir, "..", "web", "public");
const drawing = await Bun.file(join(folder, "icon.svg")).text();
const browser = await launchBrowser();
const page = await browser.newPage();

/** @param isMaskable the ground goes to the edges, which the system may cut off */
async function draw(name: string, size: number, isMaskable = false): Promise<void> {
  await page.setViewportSize({ width: size, height: size });
  const svg = isMaskable ? drawing.replace(' rx="116"', "") : drawing;
  await page.setContent(
    `<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  await page.screenshot({ path: join(folder, name), omitBackground: true });
}

await draw("icon-192.png", 192);
await draw("icon-512.png", 512);
await draw("maskable-512.png", 512, true);
await browser.close();
