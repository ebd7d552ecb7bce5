import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, blocksOf } from './readme-blocks.ts';
import { REPOSITORY } from './readme-workspace.ts';

/** A document whose fenced blocks the tests run in order, and what they need to know that it does not say. */
export interface Document {
  readonly path: string;
  /** The command that a reader has run before the first block: the harness as README.md starts it. */
  readonly after?: 'npm start';
  /** Blocks that cannot run here, by their first line, each with the reason. */
  readonly notRun?: Readonly<Record<string, { readonly because: string; readonly instead?: string }>>;
  /** Commands that end with another code than 0, each time that they appear. */
  readonly endsWith?: Readonly<Record<string, readonly number[]>>;
  /** `##` headings whose commands run in the user's project; `all` for the whole page. */
  readonly inTheProject?: readonly string[] | 'all';
}

export const README: Document = {
  path: 'README.md',
  notRun: {
    'npm ci && npm start': { because: 'npm ci is the set-up of this very test', instead: 'npm start' },
    'npm pack': { because: 'packs and installs from a registry; the workspace links the sources instead' },
  },
  endsWith: { 'node --test fail-over.test.mts': [1, 0] },
  inTheProject: ['In your own tests'],
};

export const PAGES: readonly Document[] = [
  { path: 'docs/testing.md', inTheProject: 'all' },
  {
    path: 'docs/ci.md',
    notRun: {
      'jobs:': { because: 'a recipe for GitHub; its commands of ours are compared with the shell blocks' },
      'test:': { because: 'a recipe for GitLab; its commands of ours are compared with the shell blocks' },
    },
    inTheProject: 'all',
  },
  { path: 'docs/rehearsal.md' },
  {
    path: 'docs/control.md',
    after: 'npm start',
    endsWith: { 'curl --cacert certs/ca.pem --tlsv1.3 https://127.0.0.1:7043/centre': [35] },
    inTheProject: ['From another process'],
  },
  { path: 'docs/margin.md' },
  { path: 'docs/orp.md' },
  {
    path: 'docs/rap.md',
    notRun: {
      'sftp -i certs/rap-B09901 -o UserKnownHostsFile=certs/known_hosts -P 7022 B09901@127.0.0.1': {
        because: 'interactive; the block before it does the same in batch mode',
      },
      'npm run -s harness -- rap keys add --participant B09901 ~/.ssh/id_ed25519.pub': {
        because: "takes the reader's own key; test/commands/ runs these commands",
      },
      'npm run -s harness -- rap publish --id RMAMR01 --participant B09901 --date 2021-07-23 --time 2030 margin.csv': {
        because: "takes the reader's own csv; test/commands/ runs these commands",
      },
    },
  },
  { path: 'docs/configuration.md' },
  {
    path: 'docs/containers.md',
    notRun: { 'docker compose up --build --detach --wait': { because: 'needs a container engine' } },
  },
  {
    path: 'docs/proxies-and-windows.md',
    after: 'npm start',
    notRun: {
      'docker compose build --build-arg HTTP_PROXY --build-arg HTTPS_PROXY --build-arg NO_PROXY': {
        because: 'needs a container engine',
      },
      '$user = @{ participant = "B09901"; user = "MAKER01"; password = "Rehearsal-2021"; channel = "C3T" }': {
        because: 'needs Windows',
      },
      'icacls certs\\rap-B09901 /inheritance:r /grant:r "$($env:USERNAME):R"': { because: 'needs Windows' },
    },
  },
];

export const DOCUMENTS = [README, ...PAGES];

/** Documents with shell blocks that another test holds. */
export const HELD_ELSEWHERE: Readonly<Record<string, string>> = {
  // Its blocks have to be those of README.md's first screen, which run.
  'README.zh-Hant.md': 'test/readme/readme.test.ts',
  'docs/adding-a-report.md': 'test/docs/adding-a-report.test.ts',
  'docs/bring-your-own-layout.md': 'test/docs/bring-your-own-layout.test.ts',
  'docs/trust.md': 'test/docs/trust.test.ts',
};

export function textOf(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

export function blocksIn(path: string): Block[] {
  return blocksOf(textOf(path));
}

/** Every Markdown file for users: README in both languages, and docs/. */
export function userDocuments(): string[] {
  const docs = readdirSync(join(REPOSITORY, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'README.zh-Hant.md', ...docs.map((name) => `docs/${name}`)];
}
