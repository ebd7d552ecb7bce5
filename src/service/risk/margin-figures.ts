import { belongsTo } from '../../domain/calendar/rehearsal.ts';
import type { Imrpf } from '../../domain/imrpf/imrpf.ts';
import type { MarginParams } from '../../domain/margin/calculation.ts';
import { marginSteps } from '../../domain/margin/margin.ts';
import type { Participant } from '../../domain/nouns/market.ts';
import type { MarginablePositions } from '../../domain/positions/position-lines.ts';
import { marginablePositions } from '../../domain/positions/positions.ts';
import { HOUSE_ACCOUNT, positionsByAccount } from '../../domain/risk/account-positions.ts';
import type { AccountProjection, MarginRun } from '../../domain/risk/margin-run.ts';
import { marginParams, type RiskRules } from '../../domain/risk/risk-rules.ts';
import type { DueMarginRun } from '../../domain/risk/risk-schedule.ts';
import { type SnapshotFacts, snapshotInput } from '../../domain/risk/risk-snapshot.ts';
import type { Context } from '../context.ts';
import { nextTurn } from '../in-turns.ts';
import type { ImrpfInForce } from './setup.ts';

/** Steps of a calculation in one turn of the event loop. */
const STEPS_A_TURN = 64;

/** Every clearing participant, in order of ID. */
export function clearingParticipants({ store }: Pick<Context, 'store'>): Participant[] {
  return [...store.books.all('participant')]
    .filter(({ type }) => belongsTo('clearing', type))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A participant's figures, or why there are none: what is wrong with its positions costs nobody else a margin. */
export interface MarginFigures {
  readonly participant: Participant;
  readonly run: MarginRun | Error;
}

/**
 * The figures of a run for every clearing participant: positions from the books as they are now, so that all show the same
 * moment, then the margin of each. A MarginInputError is about figures that are too large, or what the fixtures lack, such
 * as the rate of a currency; any other error is a bug.
 */
export async function marginFigures(
  context: Pick<Context, 'store' | 'risk'>,
  due: DueMarginRun,
  inForce: ImrpfInForce,
): Promise<readonly MarginFigures[]> {
  const { store, risk } = context;
  const { rules } = risk;
  const { books } = store;
  const announcements = [...books.all('announcement')];
  const stocks = [...books.all('stock')];
  const market = { rules, holidays: risk.days.holidays, announcements, stocks };
  // All rows are taken before the first figure is computed; rows of the books are never changed in place.
  const snapshots = clearingParticipants(context).map((participant) => {
    const duePositions = books.duePositionsOf(participant.id);
    const pledges = books.pledgesOf(participant.id);
    const isSplit = due.byAccount && participant.type === 'general-clearing';
    const byAccount = isSplit ? positionsByAccount(duePositions, books.tradesOf(participant.id)) : [];
    return {
      participant,
      facts: { ...market, duePositions, pledges },
      accounts: [...byAccount].map(([account, positions]) => ({
        account,
        // Pledges and prepayments count for the house account (mock convention).
        facts: { ...market, duePositions: positions, pledges: account === HOUSE_ACCOUNT ? pledges : [] },
      })),
    };
  });
  const all: MarginFigures[] = [];
  for (const { participant, ...snapshot } of snapshots) {
    await nextTurn();
    const run = await figuresOf(participant, snapshot, rules, due, inForce).catch((error: Error) => error);
    all.push({ participant, run });
  }
  return all;
}

interface ParticipantSnapshot {
  readonly facts: SnapshotFacts;
  readonly accounts: readonly { readonly account: string; readonly facts: SnapshotFacts }[];
}

async function figuresOf(
  participant: Participant,
  { facts, accounts }: ParticipantSnapshot,
  rules: RiskRules,
  due: DueMarginRun,
  { imrpf, businessDate, sha256 }: ImrpfInForce,
): Promise<MarginRun> {
  const { positions, mtm } = marginablePositions(snapshotInput(facts, due));
  // MTM is netted by currency and converted with haircuts, unlike RMAMP01's figures, so the calculator gets it from here.
  const mtmGiven = mtm.favourable - mtm.requirement;
  const params = { ...marginParams(rules, participant.id, due.date), mtmGiven };
  const result = await inTurns(marginSteps(imrpf, positions, params));
  const projections: AccountProjection[] = [];
  for (const { account, facts: ofAccount } of accounts) {
    const one = { account, ...marginablePositions(snapshotInput(ofAccount, due)) };
    projections.push(await projected(imrpf, one, params));
  }
  return {
    run: due.key,
    participant: participant.id,
    businessDate: due.date,
    snapshot: due.snapshot,
    at: due.at,
    availableAt: due.availableAt,
    positions,
    params,
    result,
    mtm,
    ...(projections.length === 0 ? {} : { accounts: projections }),
    imrpf: { businessDate, sha256 },
  };
}

/** One account alone: credit, position limit and add-ons apply to the participant as a whole (mock convention). */
async function projected(
  imrpf: Imrpf,
  { account, positions, mtm }: Pick<MarginablePositions, 'positions' | 'mtm'> & { readonly account: string },
  params: MarginParams,
): Promise<AccountProjection> {
  const { requirement: mtmRequirement, favourable: favourableMtm } = mtm;
  const none = { marginCredit: 0, positionLimit: null, creditRiskAddOn: 0, adHocAddOn: 0 };
  const ofAccount = { ...params, ...none, mtmGiven: favourableMtm - mtmRequirement };
  const { netMargin: marginRequirement, total } = await inTurns(marginSteps(imrpf, positions, ofAccount));
  return { account, mtmRequirement, favourableMtm, marginRequirement, total };
}

/** Lets other requests be served in between: a large portfolio with a full-size file takes a while. */
async function inTurns<T>(steps: Generator<unknown, T>): Promise<T> {
  for (let n = 1; ; n++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (n % STEPS_A_TURN === 0) await nextTurn();
  }
}
