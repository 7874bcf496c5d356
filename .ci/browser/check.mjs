// Opens reports in headless Chromium as people do: on a phone and on a desktop, in
// light and dark mode, and printed. It fails on a console message, a request to
// anything but the page, content that is wider than the screen, or a finding of
// axe-core.
//
//	node check.mjs FOLDER [SCREENSHOTS]   every *.html in FOLDER
import { readdirSync, readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const files = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
if (files.length === 0) throw new Error("no page to check");
if (shots) mkdirSync(shots, { recursive: true });

const screens = [
  { name: "phone", viewport: { width: 360, height: 740 } },
  { name: "desk", viewport: { width: 1280, height: 900 } },
];

const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"], // a container has no user namespaces
});

// Opens one file on one screen, and returns what is wrong with it.
async function look(browser, file, screen, colorScheme) {
  const faults = [];
  const url = pathToFileURL(resolve(folder, file)).href;
  const context = await browser.newContext({ viewport: screen.viewport, colorScheme });
  const page = await context.newPage();
  page.on("console", (m) => faults.push(`console: ${m.text()}`));
  page.on("pageerror", (e) => faults.push(`error: ${e.message}`));
  page.on("dialog", (d) => {
    faults.push(`dialog: ${d.message()}`);
    d.dismiss();
  });
  page.on("request", (r) => {
    if (r.url() !== url && !r.url().startsWith("data:,")) faults.push(`request: ${r.url()}`);
  });
  await page.goto(url);
  if (shots) await page.screenshot({ path: join(shots, `${basename(file, ".html")}-${screen.name}-${colorScheme}.png`) });
  await page.evaluate(() => document.querySelectorAll("details").forEach((d, i) => { if (i < 5) d.open = true; }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${wide} pixels wider than the screen`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), rules);
  for (const v of violations) faults.push(`axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target).join("; ")}`);
  if (screen.name === "desk" && colorScheme === "light") {
    await page.emulateMedia({ media: "print" });
    const hidden = await page.evaluate(() =>
      [...document.querySelectorAll("details:not([open]) dl, details:not([open]) table")].filter((e) => e.getClientRects().length === 0).length);
    if (hidden > 0) faults.push(`${hidden} parts are not printed`);
    const pdf = await page.pdf({ format: "A4", path: shots && join(shots, `${basename(file, ".html")}.pdf`) });
    if (pdf.length < 10_000) faults.push("an empty print");
  }
  await context.close();
  return faults;
}

// Rejects when work is not done after the seconds.
function within(seconds, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${seconds} seconds`)), seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

let browser = await launch();
let failures = 0;
let views = 0;
for (const file of files) {
  for (const screen of screens) {
    for (const colorScheme of ["light", "dark"]) {
      const where = `${file} ${screen.name} ${colorScheme}`;
      let faults;
      // Chromium sometimes never answers a request to print. A view that is not
      // done in time is opened again in a new browser, once.
      for (let attempt = 1; faults === undefined; attempt++) {
        try {
          faults = await within(150, look(browser, file, screen, colorScheme));
        } catch (e) {
          console.error(`${where}: attempt ${attempt}: ${e.message}`);
          if (attempt === 2) faults = [e.message];
          await within(10, browser.close()).catch(() => {});
          browser = await launch();
        }
      }
      for (const fault of faults) console.error(`${where}: ${fault}`);
      failures += faults.length;
      views++;
    }
  }
}
console.log(`${views} views of ${files.length} pages, ${failures} failures`);
process.exit(failures > 0 ? 1 : 0); // ends a browser that does not close, too
