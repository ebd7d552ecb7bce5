import type { CentreFacts } from '../../api/centre.ts';
import { API, SERVICE_TITLE } from '../../domain/access/service-api.ts';
import type { FrontPage } from '../../http/front-page.ts';
import { SERVICES } from './services.ts';

const NAME = { primary: '主數據中心', backup: '備用數據中心' } as const;

/** What a centre says of itself; it shows no more than GET /centre does. */
export function centrePage(facts: CentreFacts): FrontPage {
  const { centre, active, line, marketTime } = facts;
  const zh = NAME[centre];
  return {
    title: { en: `ccass-harness: the ${centre} data centre (simulated)`, zh: `ccass-harness：${zh}（模擬）` },
    says: [
      { en: 'SIMULATED. Not affiliated with HKEX.', zh: '此為模擬系統，與香港交易所無關。' },
      active
        ? {
            en: `This centre is active. Market time is ${marketTime}.`,
            zh: `此中心正在運作。市場時間為 ${marketTime}。`,
          }
        : {
            en: `This centre is on standby: it refuses log-ons and business. Market time is ${marketTime}.`,
            zh: `此中心為備用狀態，不接受登入及業務請求。市場時間為 ${marketTime}。`,
          },
      {
        en: `Let your client connect to the line, ${line}, which always leads to the active centre, and log on with POST ${API.ccass}/session. The admin server steers the harness: the banner of "up" shows its address.`,
        zh: `請讓客戶端連接連接地址 ${line}（恆常通往運作中的數據中心），並以 POST ${API.ccass}/session 登入。管理伺服器用以操控本系統，其地址於啟動時顯示。`,
      },
    ],
    links: [
      ...SERVICES.flatMap((service) => [
        {
          href: `${API[service]}/docs`,
          label: { en: `${SERVICE_TITLE[service]}: API page`, zh: `${SERVICE_TITLE[service]}：API 網頁` },
        },
        {
          href: `${API[service]}/openapi.json`,
          label: { en: `${SERVICE_TITLE[service]}: OpenAPI document`, zh: `${SERVICE_TITLE[service]}：OpenAPI 文件` },
        },
      ]),
      { href: '/centre', label: { en: 'Which centre answers', zh: '由哪個中心回應' } },
    ],
    facts,
  };
}
