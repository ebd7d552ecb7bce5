import type { FastifyReply, FastifyRequest } from 'fastify';
import * as schema from '../../api/users.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import { decimalText } from '../../domain/exact-integer.ts';
import type { UserRequest, UserRole } from '../../domain/nouns/access.ts';
import type { ServiceName } from '../../domain/nouns/market.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { sendRefusal } from '../../http/reply.ts';
import {
  authorisationCode,
  authoriseUserRequest,
  type ListedUser,
  listUserRequests,
  listUsers,
  requestOfUser,
  type UserRequestForm,
} from '../../service/access/users.ts';
import { centsOf } from '../ccass/json.ts';
import type { TypedRoutes } from '../typed-routes.ts';
import { BODY_REFUSALS, counted, problems, problemsOf, type RouteOptions, sessionOf } from './admit.ts';

/** Delegated Administrators: the maker requests a change of a user, the checker authorises it with his code. */
export async function usersRoutes(
  app: TypedRoutes,
  { worldOf, callerOf }: RouteOptions,
  name: ServiceName,
): Promise<void> {
  const tags = ['users'];
  const operation = 'enquire' as const;
  const either = { operation, roles: ['da-maker', 'da-checker'] as const satisfies readonly UserRole[] };
  const maker = { operation, roles: ['da-maker'] as const satisfies readonly UserRole[] };
  const checker = { operation, roles: ['da-checker'] as const satisfies readonly UserRole[] };
  const waits = { 202: schema.UserRequest, ...problemsOfRequest };

  for (const [path, operationId, disabledOnly, summary] of [
    ['/users', 'listUsers', false, "User profile listing of the session's participant"],
    ['/users/disabled', 'listDisabledUsers', true, 'Disabled user listing: who cannot log on'],
  ] as const) {
    app.get(
      path,
      { config: either, schema: { operationId, summary, tags, response: { 200: schema.Users, ...problems } } },
      async (request) => ({
        rows: counted(request, listUsers(worldOf(request).context, sessionOf(request), disabledOnly)).map(userJson),
      }),
    );
  }

  app.get(
    '/users/requests',
    {
      config: either,
      schema: {
        operationId: 'listUserRequests',
        summary: "The participant's requests about users",
        tags,
        querystring: schema.RequestQuery,
        response: { 200: schema.UserRequests, ...problems },
      },
    },
    async (request) => ({
      rows: counted(request, listUserRequests(worldOf(request).context, sessionOf(request), request.query)).map(
        requestJson,
      ),
    }),
  );

  async function submit(request: FastifyRequest, reply: FastifyReply, form: UserRequestForm) {
    const answer = await requestOfUser(worldOf(request).context, sessionOf(request), form, callerOf(request));
    if (isRefusal(answer)) return sendRefusal(request, reply, answer);
    return reply.code(202).send(requestJson(answer));
  }

  app.post<{ Body: schema.CreateBody | schema.CreateRiskUserBody }>(
    '/users',
    {
      config: maker,
      schema: {
        operationId: 'requestUser',
        summary: 'Request a new user',
        tags,
        body: name === 'ccass' ? schema.CreateBody : schema.CreateRiskUserBody,
        response: waits,
      },
    },
    async (request, reply) => {
      const { body } = request;
      const rights =
        'role' in body
          ? { role: body.role, inputLimitHkdCents: body.inputLimitHkd === null ? null : centsOf(body.inputLimitHkd) }
          : ({ role: 'risk', inputLimitHkdCents: null } as const);
      const profile = { name: body.name, ...rights };
      return submit(request, reply, { act: 'create', user: body.user, profile, password: body.password });
    },
  );

  for (const [act, operationId, summary] of [
    ['lock', 'requestLock', 'Request that a user be locked'],
    ['unlock', 'requestUnlock', 'Request that a user be unlocked'],
  ] as const) {
    app.post(
      `/users/:user/${act}`,
      { config: maker, schema: { operationId, summary, tags, params: schema.UserParams, response: waits } },
      async (request, reply) => submit(request, reply, { act, user: request.params.user }),
    );
  }

  app.post(
    '/users/:user/reset',
    {
      config: maker,
      schema: {
        operationId: 'requestPasswordReset',
        summary: 'Request a new first password for a user',
        tags,
        params: schema.UserParams,
        body: schema.ResetBody,
        response: waits,
      },
    },
    async (request, reply) =>
      submit(request, reply, { act: 'reset', user: request.params.user, password: request.body.password }),
  );

  app.post(
    '/users/authorisation-code',
    {
      config: checker,
      schema: {
        operationId: 'getAuthorisationCode',
        summary: 'Get Authorisation Code: valid for one authorisation',
        tags,
        response: { 201: schema.AuthorisationCode, ...problemsOf(...BODY_REFUSALS, 'STORAGE_FULL') },
      },
    },
    async (request, reply) => {
      const answer = await authorisationCode(worldOf(request).context, sessionOf(request), callerOf(request));
      if (isRefusal(answer)) return sendRefusal(request, reply, answer);
      return reply.code(201).send({ code: answer.code, until: isoHkt(answer.until) });
    },
  );

  app.post(
    '/users/requests/:number/authorise',
    {
      config: checker,
      schema: {
        operationId: 'authoriseUserRequest',
        summary: 'Authorise a request with the authorisation code',
        tags,
        params: schema.RequestParams,
        body: schema.AuthoriseBody,
        response: { 200: schema.UserRequest, ...problemsOfAuthorisation },
      },
    },
    async (request, reply) => {
      const input = { number: request.params.number, code: request.body.code };
      const answer = await authoriseUserRequest(worldOf(request).context, sessionOf(request), input, callerOf(request));
      return isRefusal(answer) ? sendRefusal(request, reply, answer) : requestJson(answer);
    },
  );
}

const problemsOfRequest = problemsOf(
  ...BODY_REFUSALS,
  'STORAGE_FULL',
  'NOT_FOUND',
  'USER_REQUEST_CONFLICT',
  'BAD_NEW_PASSWORD',
);
const problemsOfAuthorisation = problemsOf(
  ...BODY_REFUSALS,
  'STORAGE_FULL',
  'NOT_FOUND',
  'USER_REQUEST_CONFLICT',
  'BAD_AUTHORISATION_CODE',
);

function userJson({ user, locked }: ListedUser): schema.User {
  return {
    user: user.id,
    name: user.name,
    role: user.role,
    inputLimitHkd: user.inputLimitHkdCents === null ? null : decimalText(user.inputLimitHkdCents, 2),
    passwordSetAt: isoHkt(user.passwordSetAt),
    mustChangePassword: user.mustChangePassword ?? false,
    locked,
  };
}

function requestJson({
  number,
  act,
  user,
  status,
  requestedBy,
  requestedAt,
  ...done
}: UserRequest): schema.UserRequest {
  return {
    ...{ number, act, user, status, requestedBy },
    requestedAt: isoHkt(requestedAt),
    authorisedBy: done.authorisedBy ?? null,
    authorisedAt: done.authorisedAt === undefined ? null : isoHkt(done.authorisedAt),
  };
}
