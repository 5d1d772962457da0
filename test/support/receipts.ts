import { request } from 'undici';

/** What SMS Partner posts for one recipient, as captured (smspartner-protocol.md, section 3). */
export const receipt = (phone: string, status: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  status,
  msgId: '95415616',
  date: 1_771_941_463,
  phone,
  cost: '0.049',
  currency: 'EUR',
  ...changes,
});

export interface PlainAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Posts to a callback URL as a provider would; `contentType` null: none at all. */
export async function post(
  url: string,
  body: unknown,
  contentType: string | null = 'application/json',
): Promise<PlainAnswer> {
  const response = await request(url, {
    method: 'POST',
    headers: contentType === null ? {} : { 'content-type': contentType },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  const type = response.headers['content-type'];
  return { status: response.statusCode, type: String(type ?? ''), body: await response.body.text() };
}
