import { type Category, InvalidArgument, type TenantId } from '../kernel/index.js';

/** A customer of the platform, without its credit (billing) and its credential. */
export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly status: 'ACTIVE' | 'SUSPENDED';
  readonly suspendedReason: string | null;
  readonly suspendedAt: Date | null;
  readonly defaultCategory: Category;
  readonly transactionalAllowed: boolean;
  readonly unicodeAllowed: boolean;
  readonly quietHoursEnforced: boolean;
  readonly defaultSender: string | null;
  readonly allowedSenders: readonly string[] | null;
  readonly resendWhenAbsent: boolean;
  readonly currency: string;
  /** Texts and numbers are erased so many days after their message ended. Null: as long as the platform says. */
  readonly retentionDays: number | null;
  readonly createdAt: Date;
}

export type TenantSettings = Omit<Tenant, 'id' | 'status' | 'suspendedReason' | 'suspendedAt' | 'createdAt'>;

const SENDER = /^(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}$/;

/** SMS Partner: 3 to 11 letters, digits or spaces; at least one letter, since an all-digit sender looks like a number. */
export const isWellFormedSender = (sender: string): boolean => SENDER.test(sender) && sender.trim() === sender;

/** Exempt from quiet hours, because it sends no commercial SMS: everything of it is transactional. */
export const isExempt = (tenant: Pick<Tenant, 'quietHoursEnforced'>): boolean => !tenant.quietHoursEnforced;

/** May it send this category at all? */
export function mayUse(
  tenant: Pick<Tenant, 'quietHoursEnforced' | 'transactionalAllowed'>,
  category: Category,
): boolean {
  switch (category) {
    case 'COMMERCIAL':
      return !isExempt(tenant);
    case 'TRANSACTIONAL':
      return isExempt(tenant) || tenant.transactionalAllowed;
  }
}

/** Longer than anything is still on its way: receipts are waited for two days, a tenant's address is called for four. */
export const SHORTEST_RETENTION_DAYS = 7;
export const LONGEST_RETENTION_DAYS = 3_650;

/** Throws InvalidArgument on settings that cannot be. An exempt tenant's default category becomes TRANSACTIONAL. */
export function checkedSettings(settings: TenantSettings): TenantSettings {
  const senders = settings.allowedSenders;
  for (const sender of [settings.defaultSender, ...(senders ?? [])]) {
    if (sender !== null && !isWellFormedSender(sender)) {
      throw new InvalidArgument(
        sender === settings.defaultSender ? 'defaultSender' : 'allowedSenders',
        'must have 3 to 11 letters, digits or spaces, at least one letter',
      );
    }
  }
  if (settings.defaultSender !== null && senders !== null && !senders.includes(settings.defaultSender)) {
    throw new InvalidArgument('defaultSender', 'must be one of allowedSenders');
  }
  const { retentionDays: days } = settings;
  if (days !== null && (days < SHORTEST_RETENTION_DAYS || days > LONGEST_RETENTION_DAYS)) {
    throw new InvalidArgument(
      'retentionDays',
      `must be from ${SHORTEST_RETENTION_DAYS} to ${LONGEST_RETENTION_DAYS} days, or null for the platform's default`,
    );
  }
  const defaultCategory = isExempt(settings) ? 'TRANSACTIONAL' : settings.defaultCategory;
  if (!mayUse(settings, defaultCategory)) {
    throw new InvalidArgument('defaultCategory', 'can be TRANSACTIONAL only where transactionalAllowed is true');
  }
  return { ...settings, name: settings.name.trim(), defaultCategory };
}
