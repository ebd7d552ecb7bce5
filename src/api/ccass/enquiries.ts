import {
  cursor,
  instant,
  limit,
  money,
  nullable,
  pageOf,
  participantId,
  stockCode,
  strict,
  userRole,
  words,
} from '../parts.ts';
import Type, { named, type Shape } from '../schema-builder.ts';

/**
 * The JSON of profile, stock balances and broadcasts. A mock convention, like all of /ccass/v1: HKEX publishes no such
 * interface (docs/fidelity.md).
 * Money and prices are decimal texts, quantities are whole shares, instants are ISO 8601 in Hong Kong time.
 */

export const Profile = named(
  'Profile',
  Type.Object(
    {
      participant: Type.Object({ id: participantId, name: words, type: Type.String() }, strict),
      user: Type.Object(
        {
          id: Type.String(),
          name: Type.String(),
          role: userRole,
          inputLimitHkd: nullable(money),
          passwordSetAt: instant,
        },
        strict,
      ),
      accounts: Type.Array(Type.Object({ id: Type.String(), name: words }, strict)),
    },
    strict,
  ),
);
export type Profile = Shape<typeof Profile>;

export const BalanceQuery = Type.Object(
  { account: Type.Optional(Type.String({ maxLength: 8 })), stock: Type.Optional(stockCode), cursor, limit },
  strict,
);
export type BalanceQuery = Shape<typeof BalanceQuery>;

export const Balance = named(
  'Balance',
  Type.Object(
    {
      account: Type.String(),
      stock: Type.String(),
      isin: Type.String(),
      name: words,
      quantity: Type.Integer(),
      onHold: Type.Integer({ description: 'Shares set aside for pending instructions' }),
      price: Type.String({ examples: ['45.350'] }),
      marketValue: money,
      currency: Type.String(),
    },
    strict,
  ),
);
export type Balance = Shape<typeof Balance>;
export const Balances = named('Balances', pageOf(Balance));

export const Broadcast = named(
  'Broadcast',
  Type.Object({ number: Type.String(), at: instant, kind: Type.String(), subject: words, text: words }, strict),
);
export type Broadcast = Shape<typeof Broadcast>;
export const Broadcasts = named('Broadcasts', pageOf(Broadcast));
