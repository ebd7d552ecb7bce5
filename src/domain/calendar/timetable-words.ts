import type { CentreName, Channel, Instant, ParticipantType, ServiceName, Words } from '../nouns/market.ts';
import { platformNames } from '../risk/platform-names.ts';
import { formatHkt, marketDate } from './calendar.ts';
import type { Offer, Operation, RehearsalSession } from './rehearsal.ts';

/** The texts of the timetable's refusals: what is closed, what is open instead, and when to try again. */
export interface ClosedFacts {
  readonly at: Instant;
  readonly service: ServiceName;
  readonly operation: Operation;
  readonly why: 'closed' | 'operation' | 'channel' | 'audience' | 'took-part' | 'registration' | 'final-run';
  readonly next: {
    readonly at: Instant;
    readonly centre: CentreName | null;
    readonly session: RehearsalSession | null;
    readonly after: 'final-run' | null;
  } | null;
  /** What is open now: in this service or, if that is closed, in any. */
  readonly now: readonly {
    readonly service: ServiceName;
    readonly offer: Offer;
    readonly session: RehearsalSession | null;
    readonly to: Instant;
  }[];
  /** The day is one of the rehearsal's, on which nothing but its sessions is open. */
  readonly suspended: boolean;
  readonly type: ParticipantType | undefined;
  readonly participant: string | undefined;
  /** The channels that `next` excludes, and when those open; empty if it is for all channels, or the channel is known. */
  readonly otherwise: readonly { readonly channel: Channel; readonly next: { readonly at: Instant } | null }[];
  /** The sessions before `next` that are not for this caller, and the reason. */
  readonly skipped: readonly { readonly session: RehearsalSession; readonly why: ClosedFacts['why'] }[];
}

const SERVICE_WORDS: Readonly<Record<Exclude<ServiceName, 'orp'>, Words>> = {
  ccass: { en: 'CCASS', zh: 'CCASS' },
  rap: { en: 'RAP', zh: '報表檢索平台（RAP）' },
};

/** The name of a service at an instant: ORP Online became VaR Online. */
export function serviceWords(service: ServiceName, at: Instant): Words {
  return service === 'orp' ? platformNames(marketDate(at)).online : SERVICE_WORDS[service];
}

export const CENTRE_WORDS: Readonly<Record<CentreName, Words>> = {
  primary: { en: 'the primary centre', zh: '主數據中心' },
  backup: { en: 'the backup centre', zh: '後備數據中心' },
};

export const OPERATION_WORDS: Readonly<Record<Operation, Words>> = {
  logon: { en: 'log-on', zh: '登入' },
  logoff: { en: 'log-off', zh: '登出' },
  enquire: { en: 'enquiries', zh: '查詢' },
  input: { en: 'on-line input', zh: '線上輸入' },
  upload: { en: 'batch upload', zh: '批量上載' },
  reports: { en: 'the report list', zh: '報表清單' },
  download: { en: 'report download', zh: '下載報表' },
  broadcasts: { en: 'broadcast messages', zh: '廣播訊息' },
};

export const PARTICIPANT_TYPE_WORDS: Readonly<Record<ParticipantType, Words>> = {
  'direct-clearing': { en: 'a direct clearing participant', zh: '直接結算參與者' },
  'general-clearing': { en: 'a general clearing participant', zh: '全面結算參與者' },
  'clearing-agency': { en: 'a clearing agency participant', zh: '結算機構參與者' },
  custodian: { en: 'a custodian participant', zh: '託管商參與者' },
  'stock-lender': { en: 'a stock lender participant', zh: '貸股人參與者' },
  'stock-pledgee': { en: 'a stock pledgee participant', zh: '股份承押人參與者' },
  investor: { en: 'an investor participant', zh: '投資者戶口持有人' },
};

/** `Opens at the backup centre 2021-07-24 16:30 HKT (session 1)`, or that nothing further is timetabled. */
export function nextWords(next: ClosedFacts['next'], subject: Words, lead: Words = IT): Words {
  if (!next) {
    return {
      en: `Nothing further is timetabled for ${subject.en}; ask the organiser of this rehearsal, or load another one.`,
      zh: `未有安排${subject.zh}再次開放的時間；請向演習主持者查詢，或載入另一演習。`,
    };
  }
  const time = formatHkt(next.at);
  const where = next.centre ? CENTRE_WORDS[next.centre] : null;
  const run = next.after === 'final-run' ? FINAL_RUN : { en: '', zh: '' };
  return {
    en: `${lead.en} opens ${where ? `at ${where.en} ` : ''}${time}${next.session ? ` (${next.session.name.en})` : ''}${run.en}. Try again then.`,
    zh: `${lead.zh}將於 ${time} ${where ? `在${where.zh}` : ''}開放${next.session ? `（${next.session.name.zh}）` : ''}${run.zh}。請屆時再試。`,
  };
}

const IT: Words = { en: 'It', zh: '' };
const FINAL_RUN: Words = {
  en: ' if the final batch settlement run is over by then, otherwise when it is over',
  zh: '（以最後一次多批交收處理程序完成為準）',
};

/** Why something is not open now, and what is. */
export function closedWords(facts: ClosedFacts): Words {
  const { at, service, operation, why, next, now } = facts;
  const name = serviceWords(service, at);
  const verb = OPERATION_WORDS[operation];
  const subject = why === 'closed' ? name : { en: `${verb.en} at ${name.en}`, zh: `${name.zh}${verb.zh}` };
  const then = joined(nextWords(next, subject), otherChannelWords(facts), suspendedWords(facts), skippedWords(facts));
  const session = now.find((window) => window.session)?.session;
  const during = session ? { en: ` in ${session.name.en}`, zh: `（${session.name.zh}）` } : { en: '', zh: '' };
  if (why === 'channel' && session) {
    const channels = session.channels.join(', ');
    const byChannel = nextWords(next, subject, { en: 'By the requested channel it', zh: '所用途徑' });
    return {
      en: `${name.en} is open by channel ${channels} only${during.en}. Log on by ${channels}. ${byChannel.en}`,
      zh: `${name.zh} 現時只經 ${channels} 開放${during.zh}。請經 ${channels} 登入。${byChannel.zh}`,
    };
  }
  if (why === 'final-run') {
    const until = formatHkt(Math.max(...now.map(({ to }) => to)));
    return {
      en: `${capital(verb.en)} at ${name.en} waits for the final batch settlement run, which is not over yet (${formatHkt(at)}). It opens as soon as the run is over, until ${until}; a broadcast message announces it: GET /ccass/v1/broadcasts`,
      zh: `${name.zh}${verb.zh}須待最後一次多批交收處理程序完成，現時（${formatHkt(at)}）尚未完成。處理程序完成後隨即開放，直至 ${until}；屆時有廣播訊息通知：GET /ccass/v1/broadcasts`,
    };
  }
  if (why === 'operation') {
    const open = openOperations(now);
    return {
      en: `${capital(verb.en)}: not open at ${name.en} now (${formatHkt(at)})${during.en}; only ${open.en} can be used. ${then.en}`,
      zh: `${name.zh} 現時（${formatHkt(at)}）並未開放${verb.zh}${during.zh}，只開放${open.zh}。${then.zh}`,
    };
  }
  return {
    en: `${name.en} is closed now (${formatHkt(at)}). ${then.en}`,
    zh: `${name.zh} 現時（${formatHkt(at)}）並未開放。${then.zh}`,
  };
}

/** ` That is by C3T only; by PG it opens 2021-07-26 07:15 HKT.` For a caller whose channel is not known yet. */
function otherChannelWords({ next, otherwise }: ClosedFacts): Words {
  const channels = next?.session?.channels.join(', ') ?? '';
  const others = otherwise.map(({ channel, next: opens }) => ({
    en: opens ? `by ${channel} it opens ${formatHkt(opens.at)}` : `by ${channel} nothing is timetabled`,
    zh: opens ? `${channel} 將於 ${formatHkt(opens.at)} 開放` : `${channel} 未有安排`,
  }));
  if (others.length === 0) return NOTHING;
  return {
    en: ` That is by ${channels} only; ${others.map(({ en }) => en).join(', ')}.`,
    zh: `該時段只經 ${channels}；${others.map(({ zh }) => zh).join('、')}。`,
  };
}

/** The circular's word for the day (暫停服務). */
function suspendedWords({ suspended, why }: ClosedFacts): Words {
  if (!suspended || why !== 'closed') return NOTHING;
  return {
    en: ' Services are suspended today but for the sessions of the rehearsal.',
    zh: '當日除演習時段外暫停服務。',
  };
}

/** ` Not for this participant: Session 1, 2021-07-24 16:30 HKT (registered participants only).` */
function skippedWords({ skipped, participant }: ClosedFacts): Words {
  if (skipped.length === 0) return NOTHING;
  const whys = [...new Set(skipped.map(({ why }) => why))];
  const groups = whys.map((why) => {
    const sessions = skipped.filter((one) => one.why === why).map(({ session }) => session);
    const reason = skipReason(why, sessions);
    return {
      en: `${sessions.map(({ name, from }) => `${name.en}, ${formatHkt(from)}`).join(', ')} (${reason.en})`,
      zh: `${sessions.map(({ name, from }) => `${name.zh}，${formatHkt(from)}`).join('、')}（${reason.zh}）`,
    };
  });
  const register = whys.includes('registration') && participant ? registerWords(participant) : NOTHING;
  return joined(
    {
      en: ` Not for this participant: ${groups.map(({ en }) => en).join('; ')}.`,
      zh: `以下時段不供此參與者使用：${groups.map(({ zh }) => zh).join('；')}。`,
    },
    register,
  );
}

function skipReason(why: ClosedFacts['why'], sessions: readonly RehearsalSession[]): Words {
  if (why === 'registration') return { en: 'registered participants only', zh: '只供已登記的參與者' };
  if (why === 'audience') return { en: 'clearing participants only', zh: '只供結算參與者' };
  if (why === 'took-part')
    return { en: 'only for those who logged on in an earlier session', zh: '只供曾在較早時段登入的參與者' };
  const channels = [...new Set(sessions.flatMap((session) => session.channels))].join(', ');
  return { en: `by ${channels} only`, zh: `只經 ${channels}` };
}

function registerWords(participant: string): Words {
  return {
    en: ` Register it: ccass-harness registration --add ${participant}`,
    zh: `登記方法：ccass-harness registration --add ${participant}`,
  };
}

const NOTHING: Words = { en: '', zh: '' };

function joined(...parts: readonly Words[]): Words {
  return { en: parts.map(({ en }) => en).join(''), zh: parts.map(({ zh }) => zh).join('') };
}

/** The circular asks the unregistered not to log on (請勿): the service is open, but not for this participant. */
export function notRegisteredWords(facts: Pick<ClosedFacts, 'at' | 'service' | 'next' | 'participant'>): Words {
  const { at, service, next, participant = '' } = facts;
  const name = serviceWords(service, at);
  const then = nextWords(next, name, { en: `${name.en} for it`, zh: `${name.zh} 對該參與者` });
  return joined(notRegistered(participant), { en: ` ${then.en}`, zh: then.zh }, registerWords(participant));
}

/** Where the policy lets it in all the same. */
export function notRegisteredWarning(participant: string): Words {
  return joined(notRegistered(participant), registerWords(participant));
}

function notRegistered(participant: string): Words {
  return {
    en: `Participant ${participant} is not registered for this rehearsal; the circular asks those who do not take part not to log on that day.`,
    zh: `參與者 ${participant} 並未登記參加是次演習；通告要求不參與者當日請勿登入。`,
  };
}

/** The service is open, but not for this participant. */
export function notEntitledWords(facts: ClosedFacts): Words {
  const name = serviceWords(facts.service, facts.at);
  const session = facts.now.find((window) => window.session)?.session;
  const title = session?.name ?? name;
  if (facts.why === 'took-part') {
    const then = nextWords(facts.next, name, { en: `${name.en} for everyone`, zh: `${name.zh} ` });
    return {
      en: `${title.en} is for participants who logged on in an earlier session of this rehearsal, and this one did not. ${then.en}`,
      zh: `${title.zh}只供曾在是次演習較早時段登入的參與者使用，而此參與者未曾登入。${then.zh}`,
    };
  }
  const type = facts.type ? PARTICIPANT_TYPE_WORDS[facts.type] : { en: 'another participant', zh: '其他參與者' };
  return {
    en: `${name.en} is for clearing participants only, and this is ${type.en}. Log on with a clearing participant's ID, or use CCASS.`,
    zh: `${name.zh}只供結算參與者使用，而此為${type.zh}。請以結算參與者編號登入，或使用 CCASS。`,
  };
}

function openOperations(now: ClosedFacts['now']): Words {
  const operations = [...new Set(now.flatMap(({ offer }) => (offer.operations === 'all' ? [] : offer.operations)))];
  return {
    en: operations.map((operation) => OPERATION_WORDS[operation].en).join(', '),
    zh: operations.map((operation) => OPERATION_WORDS[operation].zh).join('、'),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
