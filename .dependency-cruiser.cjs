// The map of ARCHITECTURE.md as rules: imports point down, each vendor has one door, the core stays pure.
const modules = 'statistics|domain|templates|sources|ingest|storage|analysis|verdicts|notifications|http|cli|config|telemetry';
const spec = '\\.(e2e-)?spec\\.ts$';

const allowed = {
  statistics: [],
  domain: ['statistics'],
  config: ['domain'],
  telemetry: ['config', 'domain'],
  sources: ['domain', 'statistics', 'config', 'telemetry'],
  templates: ['domain', 'config'],
  storage: ['domain', 'config', 'telemetry'],
  ingest: ['domain', 'statistics', 'storage', 'config', 'telemetry'],
  verdicts: ['domain', 'statistics', 'storage', 'telemetry'],
  analysis: ['domain', 'statistics', 'sources', 'storage', 'templates', 'verdicts', 'config', 'telemetry'],
  notifications: ['domain', 'storage', 'config', 'telemetry'],
  http: ['domain', 'templates', 'ingest', 'analysis', 'verdicts', 'notifications', 'storage', 'config', 'telemetry'],
  cli: ['domain', 'statistics', 'templates', 'sources', 'ingest', 'analysis', 'verdicts', 'config', 'telemetry'],
};
const layers = Object.entries(allowed).map(([from, to]) => ({
  name: `layer-${from}`,
  severity: 'error',
  comment: `${from} may import: ${to.join(', ') || 'nothing'}`,
  from: { path: `^src/${from}/`, pathNot: spec },
  to: { path: `^src/(${modules})/`, pathNot: `^src/(${[from, ...to].join('|')})/` },
}));
const doors = [
  ['prometheus-query', '^src/sources/'],
  ['@opentelemetry/', '^src/telemetry/|^src/cli/demo/'],
  ['(@electric-sql/pglite|pg|kysely)', '^src/storage/'],
  ['(undici|standardwebhooks)', '^src/notifications/'],
  ['(@prometheus-io|@lezer)', '^src/templates/promql/'],
  ['@platformatic', '^src/ingest/kafka/'],
  ['fast-xml-parser', '^src/cli/'],
  ['(yaml)', '^src/templates/'],
].map(([pkg, door]) => ({
  name: `door-${pkg.replace(/\W+/g, '-')}`,
  severity: 'error',
  comment: `${pkg} enters only through ${door}`,
  from: { path: '^src/', pathNot: [door, spec] },
  to: { path: `^node_modules/${pkg}(/|$)` },
}));

module.exports = {
  forbidden: [
    ...layers,
    ...doors,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-core',
      severity: 'error',
      comment: 'no Node, no framework, no package in the mathematics, the words and the decision',
      from: {
        path: '^src/(statistics|domain)/|^src/verdicts/(decide|decide-once|verdict-of|phases-and-bake|in-words|once-in-words|quantity)\\.ts$|^src/analysis/(weigh.*|.*judge|judge-once|test-metric|classic-tests|window-values)\\.ts$',
        pathNot: spec,
      },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer'], pathNot: '^node_modules/simple-statistics/' },
    },
    {
      name: 'front-door',
      severity: 'error',
      comment: 'enter another module by its index.ts',
      from: { path: `^src/(${modules})/`, pathNot: spec },
      to: { path: `^src/(${modules})/.+`, pathNot: ['^src/$1/', '/index\\.ts$'] },
    },
    {
      name: 'not-your-own-front-door',
      severity: 'error',
      from: { path: `^src/(${modules})/`, pathNot: spec },
      to: { path: '^src/$1/index\\.ts$' },
    },
    {
      name: 'transports-are-leaves',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|cli|app\\.module)\\.ts$|^src/(http|cli)/' },
      to: { path: '^src/(http|cli)/' },
    },
    {
      name: 'no-junk-drawers',
      severity: 'error',
      from: {},
      to: { path: ['^src/(utils?|helpers?|common|shared|misc|base)[/.]', '^src/.+/(utils?|helpers?|common|shared|misc|base)[/.]'] },
    },
    { name: 'no-test-code-in-src', severity: 'error', from: { path: '^src/', pathNot: spec }, to: { path: '^test/|\\.spec\\.ts$' } },
    {
      name: 'no-dev-deps-in-src',
      severity: 'error',
      from: { path: '^src/', pathNot: spec },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
