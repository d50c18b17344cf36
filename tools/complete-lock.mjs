// Adds the platform packages that the lock's own packages name as optionalDependencies but that npm left out
// (it drops those it cannot find at the registry in use, and `npm ci` then refuses the lock).
import { readFileSync, writeFileSync } from 'node:fs';

const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = {
  x64: 'x64',
  arm64: 'arm64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips64el: 'mips64el',
};
const resolve = (from, name) => {
  for (let p = from; ; ) {
    const key = `${p ? `${p}/` : ''}node_modules/${name}`;
    if (lock.packages[key]) return key;
    if (!p) return undefined;
    const i = p.lastIndexOf('node_modules/');
    p = i <= 0 ? '' : p.slice(0, i - 1);
  }
};
let added = 0;
for (const [at, pkg] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(pkg.optionalDependencies ?? {})) {
    if (resolve(at, name)) continue;
    const words = name.split(/[-/]/);
    const os = OS.find((o) => words.includes(o)) ?? (words.includes('wasm32') || words.includes('wasm') ? undefined : 'none');
    const cpu = Object.keys(CPU).find((c) => words.includes(c)) ?? (words.some((w) => w.startsWith('arm')) ? 'arm' : undefined);
    lock.packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~=]/, ''),
      ...(pkg.dev && { dev: true }),
      ...(cpu && { cpu: [cpu] }),
      license: pkg.license,
      optional: true,
      ...(os && { os: [os] }),
      ...(words.includes('musl') && { libc: ['musl'] }),
      ...(words.includes('gnu') && { libc: ['glibc'] }),
    };
    added++;
  }
}
const { '': root, ...rest } = lock.packages;
lock.packages = { '': root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages added`);
