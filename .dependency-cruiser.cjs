// The import table of the house, room -> what it may import. Everything else is refused.
// `types` are rooms it may import by type alone. Change the table, the reason and docs/architecture.md together.
const ROOMS = {
  //             imports                                            by type alone             packages and node modules
  package: [[], [], ['node:fs', 'node:module', 'node:path']],
  domain: [[], [], ['big.js']],
  wire: [['domain'], [], ['big.js', 'csv-parse', 'csv-stringify', 'yazl', 'node:stream', 'node:buffer']],
  testbed: [['domain'], [], ['node:fs', 'node:os', 'node:path', 'node:stream']],
  store: [
    ['domain', 'wire'],
    ['testbed'],
    ['node:sqlite', 'node:fs', 'node:path', 'node:stream', 'node:crypto', 'node:events'],
  ],
  service: [
    ['domain', 'wire'],
    ['store', 'testbed'],
    ['node:crypto', 'node:zlib', 'node:stream', 'node:worker_threads', 'node:net', 'node:util'],
  ],
  api: [['domain'], [], ['typebox']],
  http: [['domain', 'api'], [], ['fastify', '@fastify/*', 'ajv', 'fast-json-stringify', 'node:fs', 'node:module']],
  centre: [
    ['service', 'domain', 'api', 'http'],
    ['testbed'],
    [
      'fastify',
      '@fastify/*',
      'typebox',
      '@peculiar/x509',
      'ssh2',
      'node:net',
      'node:tls',
      'node:http',
      'node:https',
      'node:crypto',
      'node:fs',
      'node:path',
      'node:os',
      'node:stream',
      'node:url',
      'node:zlib',
    ],
  ],
  failover: [['domain'], ['store', 'testbed'], ['node:net']],
  control: [['domain', 'api'], [], ['typebox']],
  admin: [['control', 'domain', 'api', 'http'], [], ['fastify', 'typebox', 'node:net', 'node:crypto', 'node:stream']],
  client: [
    ['control', 'domain', 'wire', 'http'],
    ['api'],
    ['ssh2', 'node:https', 'node:http', 'node:tls', 'node:stream'],
  ],
  rehearsal: [['control', 'client', 'domain'], ['api'], ['node:child_process']],
  loading: [
    ['domain', 'wire', 'service', 'testbed', 'api', 'package'],
    [],
    ['ajv', '@cfworker/json-schema', 'typebox', 'node:crypto', 'node:events', 'node:fs', 'node:path', 'node:stream'],
  ],
};
const here = (room) => (room === 'package' ? '^src/package\\.ts$' : `^src/${room}/`);
const own = (rooms) => rooms.map(here).join('|') || '^$';
const packages = (names) =>
  names
    .map((name) =>
      name.startsWith('node:')
        ? `^(node:)?${name.slice(5)}(/promises)?$`
        : `^node_modules/(\\.pnpm/)?${name.replace('*', '')}`,
    )
    .join('|');

const rooms = Object.entries(ROOMS).flatMap(([room, [imports, byType, uses]]) => [
  {
    name: `${room}-imports-only-downwards`,
    comment: `${room} may import ${imports.join(', ') || 'nothing'}; by type also ${byType.join(', ') || 'nothing'}. Move the code to the room it belongs to, or pass it in as an argument.`,
    severity: 'error',
    from: { path: here(room) },
    to: { path: '^src/', pathNot: [here(room), own(imports), own(byType)].filter(Boolean) },
  },
  {
    name: `${room}-sees-only-types-of-the-rooms-beside-it`,
    comment: `${room} takes ${byType.join(', ')} as arguments and knows them by type: write \`import type\`.`,
    severity: 'error',
    from: { path: here(room) },
    to: { path: own(byType), dependencyTypesNot: ['type-only'] },
  },
  {
    name: `${room}-keeps-to-its-packages`,
    comment: `${room} may use ${uses.join(', ') || 'no package'}. SQL stays in store, Fastify in http, centre and admin, ssh2 in centre and client.`,
    severity: 'error',
    from: { path: here(room) },
    to: {
      dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown', 'undetermined'],
      pathNot: packages(uses) || '^$',
    },
  },
]);

module.exports = {
  forbidden: [
    ...rooms,
    ...[
      ['imrpf', 'margin|positions|risk'],
      ['margin', 'positions|risk'],
      ['positions', 'risk'],
    ].map(([folder, above]) => ({
      name: `domain-${folder}-does-not-look-up`,
      comment: `Inside domain: risk, positions, margin, imrpf, each above the next. A participant's own tooling has no risk/.`,
      severity: 'error',
      from: { path: `^src/domain/${folder}/` },
      to: { path: `^src/domain/(${above})/` },
    })),
    {
      name: 'typebox-by-its-types-alone',
      comment:
        'Its functions are nearly 400 files that every start and command would load: src/api/schema-builder.ts has those that we use.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^node_modules/typebox', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or the noun between them belongs in domain/nouns/.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'only-the-composition-root-sees-every-room',
      comment: 'harness/ joins the rooms, commands/ is the command line over it; nothing below imports them.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/(harness|commands)/' },
      to: { path: '^src/((cli|index)\\.ts$|harness/|commands/)' },
    },
    {
      name: 'nothing-unresolved',
      comment: 'An import that does not resolve would pass every other rule.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
