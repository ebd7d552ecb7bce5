import type { HarnessState } from '../control/answers.ts';
import { API, SERVICE_TITLE } from '../domain/access/service-api.ts';
import type { ServiceName } from '../domain/nouns/market.ts';
import type { FrontPage } from '../http/front-page.ts';

/** What the admin server says of itself, with every OpenAPI document of the harness. */
export function adminPage({ version, rehearsal, market, active, line }: HarnessState): FrontPage {
  const centreLinks = (Object.keys(API) as ServiceName[]).flatMap((service) => [
    {
      href: `${line}${API[service]}/docs`,
      label: { en: `${SERVICE_TITLE[service]}: API page`, zh: `${SERVICE_TITLE[service]}：API 網頁` },
    },
    {
      href: `${line}${API[service]}/openapi.json`,
      label: { en: `${SERVICE_TITLE[service]}: OpenAPI document`, zh: `${SERVICE_TITLE[service]}：OpenAPI 文件` },
    },
  ]);
  return {
    title: { en: 'ccass-harness: the admin server', zh: 'ccass-harness：管理伺服器' },
    says: [
      {
        en: `Version ${version}. SIMULATED. Not affiliated with HKEX.`,
        zh: `版本 ${version}。此為模擬系統，與香港交易所無關。`,
      },
      {
        en: `Rehearsal ${rehearsal}; market time ${market.hongKong}; the ${active} centre is active. Participants' clients connect to the line, ${line}.`,
        zh: `演習：${rehearsal}；市場時間：${market.hongKong}；運作中：${active === 'primary' ? '主數據中心' : '備用數據中心'}。參與者的客戶端請連接連接地址 ${line}。`,
      },
      {
        en: 'Steer the harness on the API page below or by the command line, such as failover --to backup. The pages of the line need its CA (ca.pem) in your browser.',
        zh: '請在下列 API 網頁或以命令列操控本系統，例如 failover --to backup。瀏覽該地址的網頁須先信任其憑證機構（ca.pem）。',
      },
    ],
    links: [
      { href: '/docs', label: { en: 'Control: API page', zh: '操控：API 網頁' } },
      { href: '/openapi.json', label: { en: 'Control: OpenAPI document', zh: '操控：OpenAPI 文件' } },
      ...centreLinks,
      { href: '/v1/state', label: { en: 'State', zh: '狀態' } },
    ],
    facts: { product: 'ccass-harness', version, simulated: true, line },
  };
}
