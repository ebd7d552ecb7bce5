import type { FastifyInstance } from 'fastify';
import type { Words } from '../domain/nouns/market.ts';

/** What a listener says of itself to whoever opens its address. */
export interface FrontPage {
  readonly title: Words;
  /** What answers here, and what to do next, a paragraph each. */
  readonly says: readonly Words[];
  readonly links: readonly { readonly href: string; readonly label: Words }[];
  /** The same for programs; the links are added to it. */
  readonly facts: object;
}

/** Text and one picture of this very server: no script, no style, nothing of another origin. */
const POLICY = "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Two data centres on one line; 16 by 16 dots in two colours. */
const ICON = Buffer.from(
  [
    'AAABAAEAEBACAAEAAQCwAAAAFgAAACgAAAAQAAAAIAAAAAEAAQAAAAAAgAAAAAAAAAAAAAAAAgAAAAIAAAAAAAAAsFoQAAAAAAAB',
    'gAAAAYAAAAGAAAAf+AAAH/gAABgYAAAYGAAAGBgAAH5+AABCQgAAWkIAAFpCAABCQgAAfn4AAAAAAAD//wAA/n8AAP5/AAD+fwAA',
    '4AcAAOAHAADn5wAA5+cAAOfnAACBgQAAvb0AAKW9AAClvQAAvb0AAIGBAAD//wAA',
  ].join(''),
  'base64',
);

/** Serves / and /favicon.ico, which need no log-on and stand in no journal. `page` is called at each request. */
export function serveFrontPage(app: FastifyInstance, page: () => FrontPage | Promise<FrontPage>): void {
  const hidden = { schema: { hide: true } };
  app.get('/', hidden, async (request, reply) => {
    reply.header('cache-control', 'no-store').header('vary', 'accept');
    const { facts, ...shown } = await page();
    if (prefersJson(request.headers.accept)) {
      return { ...facts, links: shown.links };
    }
    return reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(html(shown));
  });
  app.get('/favicon.ico', hidden, async (_request, reply) =>
    reply.type('image/x-icon').header('cache-control', 'max-age=86400').send(ICON),
  );
}

/** Whether an Accept header (RFC 9110, 12.5.1) names JSON before HTML; whoever takes anything gets the page. */
export function prefersJson(accept = ''): boolean {
  let [json, html] = [0, 0];
  for (const part of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
    if (type === 'application/json' || type === 'application/*' || type.endsWith('+json'))
      json = Math.max(json, weight);
    if (type === 'text/html' || type === 'text/*' || type === 'application/xhtml+xml') html = Math.max(html, weight);
  }
  return json > html;
}

function html({ title, says, links }: Omit<FrontPage, 'facts'>): string {
  const part = (language: 'en' | 'zh') => [
    `<section lang="${language === 'en' ? 'en' : 'zh-Hant'}">`,
    `<h1>${escaped(title[language])}</h1>`,
    ...says.map((words) => `<p>${escaped(words[language])}</p>`),
    '<ul>',
    ...links.map(({ href, label }) => `<li><a href="${escaped(href)}">${escaped(label[language])}</a></li>`),
    '</ul>',
    '</section>',
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escaped(title.en)}</title>`,
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="/favicon.ico"></head>',
    '<body>',
    ...part('en'),
    '<hr>',
    ...part('zh'),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
