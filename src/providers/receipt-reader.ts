import { currencyOf, decimalOf, recordOf, textOf } from './loose-json.js';
import { messageIdOf, phoneNumberOf, reportedStatusOf, unixTimeOf } from './report-fields.js';
import type { ReportedStatus } from './report-fields.js';

export interface ProviderReceipt extends ReportedStatus {
  readonly providerMessageId: string | null;
  /** E.164 where it can be told; a national number (0…) stays as it came, in digits. */
  readonly phoneNumber: string;
  readonly at: Date | null;
  /** An exact decimal. */
  readonly cost: string | null;
  readonly currency: string | null;
  readonly tag: string | null;
}

type Unreadable = { readonly ok: false; readonly reason: string };

/** Reads what SMS Partner posts to `urlDlr`. Never throws; `reason` carries no number. */
export function readSmsPartnerReceipt(
  body: unknown,
): { readonly ok: true; readonly receipt: ProviderReceipt } | Unreadable {
  const fields = recordOf(body);
  if (fields === null) return unreadable('the receipt is not a JSON object');
  const status = reportedStatusOf(fields['status']);
  if (status === null) return unreadable('the receipt has no status that is known');
  const phoneNumber = phoneNumberOf(fields['phone'] ?? fields['phoneNumber'] ?? fields['phone_number']);
  if (phoneNumber === null) return unreadable('the receipt names no phone number');
  return {
    ok: true,
    receipt: {
      ...status,
      providerMessageId: messageIdOf(fields),
      phoneNumber,
      at: unixTimeOf(fields['date']),
      cost: decimalOf(fields['cost']),
      currency: currencyOf(fields['currency']),
      tag: textOf(fields['tag'], 100),
    },
  };
}

function unreadable(reason: string): Unreadable {
  return { ok: false, reason };
}
