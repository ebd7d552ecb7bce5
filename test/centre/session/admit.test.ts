import cookie from '@fastify/cookie';
import fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admitRequests } from '../../../src/centre/session/admit.ts';
import { CALLER, type OrpCentre, orpCentre } from '../../support/orp-centre.ts';

let at: OrpCentre;
beforeAll(async () => {
  at = await orpCentre();
});
afterAll(() => at[Symbol.asyncDispose]());

describe('a verb that shows the results of runs', () => {
  const session = { operation: 'enquire', needsRuns: true } as const;
  let runs: Promise<void> | null = null;
  /** Requests that reached their handler. */
  let reached = 0;
  beforeEach(() => {
    at.centre.admitting = true;
    runs = null;
    reached = 0;
  });

  /** A server with one verb that needs the runs and one that does not, and a user logged on to it. */
  async function server() {
    const app = fastify();
    const { service } = at.centre;
    const world = { ...service, riskRuns: { ...service.riskRuns, pending: () => runs } };
    await app.register(cookie);
    await app.register(async (routes) => {
      admitRequests(routes, { uploadLimitBytes: 0, worldOf: () => world, callerOf: () => CALLER });
      routes.get('/margin', { config: session }, async () => ({ reached: ++reached }));
      routes.get('/profile', { config: { operation: 'enquire' } }, async () => ({ reached: ++reached }));
    });
    const { token, session: loggedOn } = at.logOn();
    const headers = { authorization: `Bearer ${token}` };
    return {
      session: loggedOn,
      get: (url: string) => app.inject({ url, headers }).then((answer) => answer),
      [Symbol.asyncDispose]: () => app.close(),
    };
  }

  it('is served at once when no run is due', async () => {
    await using it = await server();
    expect((await it.get('/margin')).json()).toEqual({ reached: 1 });
  });

  it('waits for the runs that are due, and no other verb does', async () => {
    await using it = await server();
    const done = Promise.withResolvers<void>();
    runs = done.promise;
    const waiting = it.get('/margin');
    expect((await it.get('/profile')).json()).toEqual({ reached: 1 });
    done.resolve();
    expect((await waiting).json()).toEqual({ reached: 2 });
  });

  it('is admitted again after the wait: the centre is a standby by then (CENTRE_STANDBY)', async () => {
    await using it = await server();
    const done = Promise.withResolvers<void>();
    runs = done.promise;
    const waiting = it.get('/margin');
    await it.get('/profile');
    at.centre.admitting = false;
    done.resolve();
    const answer = await waiting;
    expect([answer.statusCode, answer.json().code, reached]).toEqual([503, 'CENTRE_STANDBY', 1]);
  });

  it('is admitted again after the wait: the session is over by then (SESSION_ENDED)', async () => {
    await using it = await server();
    const done = Promise.withResolvers<void>();
    runs = done.promise;
    const waiting = it.get('/margin');
    await it.get('/profile');
    at.centre.service.logoff(it.session, CALLER);
    done.resolve();
    const answer = await waiting;
    expect([answer.statusCode, answer.json().code, reached]).toEqual([401, 'SESSION_ENDED', 1]);
  });
});
