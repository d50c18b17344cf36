// Lets a tool import the project's TypeScript as it is written: test code is read as it stands (Node strips the types), the product as it
// was built, where it was built.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url).href;
const source = new URL('../src/', import.meta.url).href;
const built = new URL('../dist/', import.meta.url).href;

/** Only our own files: packages find theirs as always. */
const isOurs = (url) => url?.startsWith(root) && !url.includes('/node_modules/');

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !specifier.endsWith('.js') || !isOurs(context.parentURL)) return next(specifier, context);
    const wanted = new URL(specifier, context.parentURL).href;
    const candidates = [wanted.replace(source, built), wanted, wanted.replace(/\.js$/, '.ts')];
    return next(candidates.find((url) => existsSync(fileURLToPath(url))) ?? wanted, context);
  },
});
