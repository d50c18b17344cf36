// Lets a tool import the project's TypeScript as it is written: test code is read as it stands (Node strips the types), the product as it
// was built, where it was built. On a Node that cannot, or in a fresh clone, the tool starts again with what it needs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module'; // older ones have no registerHooks: naming it here would end the tool
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url).href;
const source = new URL('../src/', import.meta.url).href;
const built = new URL('../dist/', import.meta.url).href;

/** Only our own files: packages find theirs as always. */
const isOurs = (url) => url?.startsWith(root) && !url.includes('/node_modules/');

const canRead = nodeModule.registerHooks !== undefined && Boolean(process.features.typescript);
if (!canRead || !existsSync(fileURLToPath(new URL('cli.js', built)))) startAgain();

nodeModule.registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !specifier.endsWith('.js') || !isOurs(context.parentURL)) return next(specifier, context);
    const wanted = new URL(specifier, context.parentURL).href;
    const candidates = [wanted.replace(source, built), wanted, wanted.replace(/\.js$/, '.ts')];
    return next(candidates.find((url) => existsSync(fileURLToPath(url))) ?? wanted, context);
  },
});

/** Installed, built and on the project's own Node. */
function startAgain() {
  const withInstall = fileURLToPath(new URL('with-install.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [withInstall, 'tool', ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 69);
}
