import { fastify } from 'fastify';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { answerBadUrl, leaveDropInBodiesUnread } from '../../../src/smspartner-api/index.js';

function door() {
  const server = fastify({ frameworkErrors: answerBadUrl });
  leaveDropInBodiesUnread(server);
  server.post('/v1/*', async ({ raw, body }) => ({ read: body ?? null, left: await text(raw) }));
  server.post('/other', async ({ body }) => ({ read: body }));
  return server;
}

test.each([undefined, 'application/json', 'application/x-www-form-urlencoded', 'text/html; charset=x', 'nonsense'])(
  'the body of a call is left to be read, under Content-Type %s',
  async type => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await door().inject({ method: 'POST', url: '/v1/send', headers, payload: '{"apiKey":' });
    expect(answer.json()).toEqual({ read: null, left: '{"apiKey":' });
  },
);

test('other paths are read as ever', async () => {
  const answer = await door().inject({ method: 'POST', url: '/other', payload: { a: 1 } });
  expect(answer.json()).toEqual({ read: { a: 1 } });
});

test('a method that no route can have is told in the shape of the API', async () => {
  const answer = await door().inject({ method: 'TRACE', url: '/v1/send?_format=xml' });
  expect(answer).toMatchObject({
    statusCode: 405,
    headers: { allow: 'GET, POST', 'content-type': 'text/xml; charset=UTF-8' },
  });
  expect(answer.body).toMatch(
    /^<\?xml version='1\.0' encoding='UTF-8'\?><result><entry>false<\/entry><entry>405<\/entry>/,
  );
});

test('a path that cannot be decoded is an unknown one', async () => {
  const answer = await door().inject({ method: 'POST', url: '/v1/%zz' });
  expect(answer).toMatchObject({ statusCode: 404, headers: { 'content-type': 'application/json' } });
  expect(answer.json()).toMatchObject({ success: false, code: 404 });
  expect((await door().inject({ method: 'POST', url: '/%zz' })).json()).toMatchObject({
    error: { code: 'BAD_REQUEST' },
  });
});
