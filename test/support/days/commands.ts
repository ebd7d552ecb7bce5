import fc from 'fast-check';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { requestOfUser } from '../../../src/service/access/users.ts';
import { inputInstructions, maintainInstructions } from '../../../src/service/ccass/maintenance.ts';
import { inputTransfers } from '../../../src/service/ccass/transfers.ts';
import { shipped, written } from '../shipped-layouts.ts';
import { type Agreed, CALLER, DAY, type Id, moveTo, type Own, PARTICIPANTS, row, STOCKS, type World } from './world.ts';

/**
 * Random days of a market: inputs, batches, transfers, maintenance, user requests, custom reports, and moves of the clock.
 * Worlds with different `secret`s differ in what the others did, but not in what the observer did, nor in how many commands
 * each issued, since all share the sequences of numbers.
 */
export interface Command {
  readonly kind: 'si' | 'batch' | 'transfer' | 'maintain' | 'user' | 'custom-report' | 'move' | 'broadcast';
  readonly by: Id;
  readonly with: Id;
  readonly side: 'D' | 'R';
  readonly payment: 'FOP' | 'DVP' | 'RDP';
  readonly stock: number;
  /** Whether the counterparty inputs the opposite. */
  readonly answered: boolean;
  readonly hold: boolean;
  readonly refused: boolean;
  readonly act: 'delete' | 'revoke' | 'hold' | 'change';
  /** Which of the participant's instructions, from the newest. */
  readonly which: number;
  readonly minutes: number;
}

export const commands = (maxLength: number) =>
  fc.array(
    fc
      .record<Command>({
        kind: fc.constantFrom<Command['kind']>(
          ...([
            'si',
            'si',
            'si',
            'batch',
            'transfer',
            'maintain',
            'maintain',
            'user',
            'custom-report',
            'move',
            'move',
          ] as const),
          'broadcast',
        ),
        by: fc.constantFrom(...PARTICIPANTS),
        with: fc.constantFrom(...PARTICIPANTS),
        side: fc.constantFrom('D', 'R'),
        payment: fc.constantFrom('FOP', 'DVP', 'RDP'),
        stock: fc.nat(STOCKS.length - 1),
        answered: fc.boolean(),
        hold: fc.boolean(),
        refused: fc.boolean(),
        act: fc.constantFrom('delete', 'revoke', 'hold', 'change'),
        which: fc.nat(3),
        minutes: fc.constantFrom(5, 45, 90, 150),
      })
      .filter((command) => command.by !== command.with),
    { minLength: 4, maxLength },
  );

export const OBSERVER: Id = 'B09901';
/** The one user whose requests of the others are about. */
const LOCKED = ['MAKER01', 'CHECK01'] as const;

/** Runs the commands in a world. Returns the answers that the observer got. */
export async function play(world: World, all: readonly Command[], secret: 0 | 1): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  for (const [place, command] of all.entries()) {
    const answer = await DO[command.kind](world, command, place + 1, secret);
    if (command.by === OBSERVER) told.push(answer);
  }
  return told;
}

type Doing = (world: World, command: Command, place: number, secret: 0 | 1) => Promise<unknown>;

const DO: Readonly<Record<Command['kind'], Doing>> = {
  async si(world, command, place, secret) {
    const { by, with: other, side } = command;
    const agreed = agreedOf(command, place, secret);
    const mine = row(agreed, ownOf(by, command, place, secret), side, other);
    const rows = command.refused ? [mine, { ...mine, stock: '99999', reference: `${mine.reference}X` }] : [mine];
    const answer = await inputInstructions(
      world.centre.service.context,
      world.session(by),
      world.centre.service.market,
      rows,
      CALLER,
    );
    if (command.answered) {
      const theirs = row(agreed, ownOf(other, command, place, secret), side === 'D' ? 'R' : 'D', by);
      await inputInstructions(
        world.centre.service.context,
        world.session(other),
        world.centre.service.market,
        [theirs],
        CALLER,
      );
    }
    return answer;
  },
  async batch(world, command, place, secret) {
    const { by, with: other, side } = command;
    const sequence = String(place).padStart(4, '0');
    const own = ownOf(by, command, place, secret);
    const good = row(agreedOf(command, place, secret), own, side, other);
    const details = [{ ...good }, { ...good, reference: `${own.reference}B`, account: 'NONE' }];
    const header = { participant: by, market: 'HKMK', businessDate: DAY, sequence };
    const bytes = written(shipped('ZSIUP01'), header, details);
    // A damaged file is discarded, as its control report says.
    if (command.refused) bytes[bytes.length - 200] = 0x21;
    return upload(world, by, bytes);
  },
  async transfer(world, command, place, secret) {
    const { by } = command;
    const [stock, isin] = stockOf(command);
    const own = ownOf(by, command, place, secret);
    const quantity = 100 + place + (by === OBSERVER ? 0 : secret * 1000);
    const [fromAccount, toAccount] = own.account === '01' ? ['01', '03'] : ['03', '01'];
    const transfer = {
      reference: own.reference,
      stock,
      isin,
      quantity,
      fromAccount,
      toAccount,
      narrative: own.narrative,
    };
    if (!command.answered)
      return inputTransfers(
        world.centre.service.context,
        world.session(by),
        world.centre.service.market,
        [transfer],
        CALLER,
      );
    const header = { participant: by, market: 'HKMK', businessDate: DAY, sequence: String(place).padStart(4, '0') };
    return upload(world, by, written(shipped('ZATUP01'), header, [transfer]));
  },
  async maintain(world, { by, act, which, hold }, place) {
    const { service, store } = world.centre;
    const number = store.books.instructionsOf(by).toReversed()[which]?.number ?? 'D99999999';
    const session = world.session(by);
    if (act === 'hold')
      return maintainInstructions(service.context, session, service.market, { act, numbers: [number], hold }, CALLER);
    if (act === 'change') {
      const change = { quantity: 5000 + place };
      return maintainInstructions(service.context, session, service.market, { act, numbers: [number], change }, CALLER);
    }
    return maintainInstructions(
      service.context,
      session,
      service.market,
      { act, numbers: [number, 'D99999998'] },
      CALLER,
    );
  },
  async user(world, { by }, _, secret) {
    const user = LOCKED[by === OBSERVER ? 0 : secret];
    return requestOfUser(world.centre.service.context, world.session(by, 'DAMAKER1'), { act: 'lock', user }, CALLER);
  },
  async 'custom-report'(world, { by }, place, secret) {
    const content = Buffer.from(`the tester's own ${place}, ${by === OBSERVER ? 'the same' : secret}`);
    const place_ = { id: 'ZOWNR01', participant: by, businessDate: DAY, format: 'text' } as const;
    const kept = await world.centre.service.publishCustomReport(place_, content);
    return isRefusal(kept) ? kept : kept.reference;
  },
  async move(world, { minutes }) {
    await moveTo(world, world.clock.now() + minutes * 60_000);
  },
  async broadcast(world, _, place) {
    const words = { en: `Message ${place}`, zh: `訊息 ${place}` };
    return world.centre.service.sendBroadcast({ kind: 'notice', subject: words, text: words });
  },
};

const stockOf = ({ stock }: Command) => STOCKS[stock] ?? STOCKS[0];

/** A different quantity for each command, so that only its opposite matches it; between others it is their secret too. */
function agreedOf(command: Command, place: number, secret: 0 | 1): Agreed {
  const hidden = command.by !== OBSERVER && command.with !== OBSERVER ? secret : 0;
  const [stock, isin] = hidden === 0 ? stockOf(command) : (STOCKS[1 - command.stock] ?? STOCKS[0]);
  const { payment } = command;
  const quantity = 1000 + place + hidden * 20_000;
  return { stock, isin, quantity, payment, amountCents: payment === 'FOP' ? 0 : quantity * 100 };
}

function ownOf(who: Id, command: Command, place: number, secret: 0 | 1): Own {
  const hidden = who === OBSERVER ? 0 : secret;
  return {
    reference: `${hidden === 0 ? 'REF' : 'SECRET'}-${place}`,
    account: hidden === 0 ? '01' : '03',
    narrative: hidden === 0 ? '' : 'FOR MY EYES ONLY',
    hold: command.hold && who === command.by ? 'Y' : 'N',
  };
}

async function upload(world: World, by: Id, bytes: Buffer): Promise<unknown> {
  async function* once() {
    yield bytes;
  }
  const kept = await world.centre.service.submitBatch(world.session(by), once(), CALLER);
  const { batches } = world.centre.service;
  await batches.done(batches.underWay());
  return isRefusal(kept) ? kept : kept.batch.reference;
}
