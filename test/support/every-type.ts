import type { ParticipantType } from '../../src/domain/nouns/market.ts';
import { customMarket } from './custom-market.ts';

/** Participant types that the package's market has no participant of, each with an ID of its own. */
const OTHERS: Readonly<Partial<Record<ParticipantType, string>>> = {
  'clearing-agency': 'A09901',
  'stock-pledgee': 'P09901',
  investor: 'I09901',
};

/** One participant of every type. */
export const EVERY_TYPE = ['B09901', 'B09903', 'C09901', 'L09901', ...Object.values(OTHERS)];

/** The package's market with participants of every type; each has a maker and a checker with the demo password. */
export function marketOfEveryType() {
  const user = (participant: string, id: string, role: string) => ({
    ...{ participant, id, name: `${role} of ${participant}`, role },
    ...{ password: 'Rehearsal-2021', inputLimitHkdCents: null },
  });
  return customMarket({
    'participants.json': (file) => ({
      ...file,
      participants: [
        ...(file.participants as object[]),
        ...Object.entries(OTHERS).map(([type, id]) => ({ id, type, name: { en: `A ${type}`, zh: `演練 ${id}` } })),
      ],
    }),
    'users.json': (file) => ({
      ...file,
      users: [
        ...(file.users as object[]),
        ...Object.values(OTHERS).flatMap((id) => [user(id, 'MAKER01', 'maker'), user(id, 'CHECK01', 'checker')]),
      ],
    }),
  });
}
