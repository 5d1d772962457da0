import { isExempt, isWellFormedSender, mayUse, type Tenant } from '../../accounts/index.js';
import { type Category, problemOfUrl } from '../../kernel/index.js';
import type { Problem } from '../messaging.errors.js';
import type { OptionsRequest } from './sms-request.js';

export interface SmsOptions {
  readonly category: Category;
  readonly sender: string | null;
  readonly tag: string | null;
  readonly validitySeconds: number;
}

const HOUR = 3_600;
const DEFAULT_VALIDITY = { TRANSACTIONAL: HOUR, COMMERCIAL: 48 * HOUR } as const;
const VALIDITY_LIMITS = { min: 60, max: 7 * 24 * HOUR } as const;
const SCHEDULE_LIMIT_MS = 366 * 24 * HOUR * 1_000;
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;
export const isIdempotencyKey = (key: string): boolean => IDEMPOTENCY_KEY.test(key);

/** SMS Partner: at most 20 characters, no spaces, lower case. */
export const TAG = /^[^\s\p{Lu}\p{C}]{1,20}$/u;

/** The request's options with the tenant's defaults filled in. */
export function optionsOf(request: OptionsRequest, tenant: Tenant): SmsOptions {
  const category = categoryOf(request, tenant);
  return {
    category,
    sender: senderOf(request.sender, tenant),
    tag: request.tag,
    validitySeconds: request.validitySeconds ?? DEFAULT_VALIDITY[category],
  };
}

function categoryOf({ category, keyCategory }: OptionsRequest, tenant: Tenant): Category {
  if (category !== null) return category;
  return keyCategory != null && mayUse(tenant, keyCategory) ? keyCategory : tenant.defaultCategory;
}

/** Not given: the tenant's default. Given but empty: the provider's short code. */
function senderOf(sender: string | null, tenant: Tenant): string | null {
  if (sender === null) return tenant.defaultSender;
  return sender.trim() === '' ? null : sender;
}

/** Everything that is wrong with the options (texts and recipients have their own rules). */
export function problemsOfOptions(
  request: OptionsRequest,
  { tenant, now, addressesAllowed }: { tenant: Tenant; now: Date; addressesAllowed: readonly string[] },
): Problem[] {
  const options = optionsOf(request, tenant);
  return [
    categoryProblem(options.category, tenant),
    senderProblem(options.sender, tenant),
    options.tag !== null && !TAG.test(options.tag)
      ? problem('tag', 'INVALID_TAG', 'tag must have 1 to 20 characters without spaces or capital letters.')
      : null,
    options.validitySeconds < VALIDITY_LIMITS.min || options.validitySeconds > VALIDITY_LIMITS.max
      ? problem(
          'validitySeconds',
          'INVALID_VALIDITY',
          `validitySeconds must be from ${VALIDITY_LIMITS.min} to ${VALIDITY_LIMITS.max} (7 days).`,
        )
      : null,
    request.idempotencyKey !== null && !isIdempotencyKey(request.idempotencyKey)
      ? problem(
          'idempotencyKey',
          'INVALID_IDEMPOTENCY_KEY',
          'idempotencyKey must have 1 to 255 printable ASCII characters.',
        )
      : null,
    urlProblem('receiptUrl', request.receiptUrl, addressesAllowed),
    urlProblem('replyUrl', request.replyUrl, addressesAllowed),
    scheduleProblem(request.at, now),
  ].filter(found => found !== null);
}

const problem = (field: string, code: string, message: string): Problem => ({ path: [field], code, message });

function categoryProblem(category: Category, tenant: Tenant): Problem | null {
  if (mayUse(tenant, category)) return null;
  return isExempt(tenant)
    ? problem(
        'category',
        'CATEGORY_NOT_ALLOWED',
        'This tenant is exempt from quiet hours because it sends no commercial SMS; category cannot be COMMERCIAL.',
      )
    : problem(
        'category',
        'CATEGORY_NOT_ALLOWED',
        'category can be TRANSACTIONAL only where an administrator allowed it; leave it out or ask an administrator.',
      );
}

function senderProblem(sender: string | null, tenant: Tenant): Problem | null {
  if (sender === null) return null;
  if (!isWellFormedSender(sender)) {
    return problem(
      'sender',
      'INVALID_SENDER',
      'sender must have 3 to 11 letters, digits or spaces, at least one letter.',
    );
  }
  if (tenant.allowedSenders !== null && !tenant.allowedSenders.includes(sender)) {
    return problem(
      'sender',
      'SENDER_NOT_ALLOWED',
      'This sender is not among those an administrator allowed for this tenant.',
    );
  }
  return null;
}

/** SMS Partner's clients give http addresses too. Where it leads is asked again at each call. */
function urlProblem(field: string, url: string | null, allow: readonly string[]): Problem | null {
  const found = url === null ? null : problemOfUrl(url, { allow, httpsOnly: false });
  return found === null ? null : problem(field, 'INVALID_URL', `${field} ${found}`);
}

export function scheduleProblem(at: Date | null, now: Date): Problem | null {
  if (at === null) return null;
  if (at <= now) return problem('at', 'IN_THE_PAST', `at must be in the future; it is now ${now.toISOString()}.`);
  if (at.getTime() - now.getTime() > SCHEDULE_LIMIT_MS)
    return problem('at', 'TOO_FAR', 'at must be within 366 days from now.');
  return null;
}
