import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, Tenant } from '../../../src/accounts/index.js';
import { asTenantId } from '../../../src/kernel/index.js';
import { checkSms } from '../../../src/messaging/asking/plan-message.js';
import { InvalidSms, type SmsOrder } from '../../../src/messaging/index.js';
import { SendWindows } from '../../../src/scheduling/index.js';
import type { Asked } from '../../../src/smspartner-api/endpoint.js';
import { readSend } from '../../../src/smspartner-api/sending/read-send.js';
import { answerSendRefusal } from '../../../src/smspartner-api/sending/send-refusals.js';
import type { Answer, Body } from '../../../src/smspartner-api/wire/answer.js';
import { writeJson } from '../../../src/smspartner-api/wire/write-json.js';
import { writeXml } from '../../../src/smspartner-api/wire/write-xml.js';

export const NOW = new Date('2026-07-01T10:00:00Z');
const TENANT_ID = asTenantId('019b0000-0000-7000-8000-000000000001');

const TENANT: Tenant = {
  id: TENANT_ID,
  name: 'Boutique',
  status: 'ACTIVE',
  suspendedReason: null,
  suspendedAt: null,
  defaultCategory: 'TRANSACTIONAL',
  transactionalAllowed: true,
  unicodeAllowed: false,
  quietHoursEnforced: true,
  defaultSender: null,
  allowedSenders: null,
  resendWhenAbsent: true,
  retentionDays: null,
  currency: 'EUR',
  createdAt: NOW,
};

export function asked(
  values: Readonly<Record<string, unknown>>,
  { headers = {}, caller = {} }: { headers?: IncomingHttpHeaders; caller?: Partial<Caller> } = {},
): Asked {
  return {
    caller: {
      keyId: 'key',
      tenantId: TENANT_ID,
      scopes: ['SEND'],
      defaultCategory: null,
      clientView: null,
      until: null,
      ...caller,
    },
    tenantId: TENANT_ID,
    values,
    headers,
  };
}

export const orderOf = (...given: Parameters<typeof asked>): SmsOrder => readSend(asked(...given), NOW).order;

/** What /v1/send answers to what is wrong with a request, as messaging's own rules find it. */
export function refused(
  values: Readonly<Record<string, unknown>>,
  { tenant = {}, headers = {} }: { tenant?: Partial<Tenant>; headers?: IncomingHttpHeaders } = {},
): Answer {
  const { order, problems, moment } = readSend(asked(values, { headers }), NOW);
  const windows = new SendWindows({ policy: 'smspartner', abroadTimeZone: 'Europe/Paris' });
  const context = {
    tenant: { ...TENANT, ...tenant },
    now: NOW,
    windows,
    stopWording: 'STOP au 36180',
    addressesAllowed: [],
  };
  const { to, text, sender } = order.request;
  try {
    checkSms(order.request, context, order.problems);
  } catch (error) {
    const entries = to.length === 0 ? [{ to: '', text }] : to.map(number => ({ to: number, text }));
    return answerSendRefusal(error, { listKey: 'errors', entries, sender, moment }, problems);
  }
  throw new InvalidSms([{ path: [], code: 'NOTHING_WRONG', message: 'nothing is wrong with it' }]);
}

/** The body as a client gets it. */
export const json = ({ body }: { readonly body: Body }): unknown => JSON.parse(writeJson(body));
export const xml = ({ body }: { readonly body: Body }): string => writeXml(body);
