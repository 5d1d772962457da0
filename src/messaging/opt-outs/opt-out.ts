/** A STOP: no commercial SMS of this tenant to this number, those already accepted included, until it is removed. */
export interface OptOut {
  readonly id: string;
  /** What SMS Partner's clients know it by. */
  readonly number: number;
  /** E.164. */
  readonly phoneNumber: string;
  /** "api": the tenant said so; "reply": the handset did; "provider": it stood on the list of the tenant's own account. */
  readonly source: string;
  readonly createdAt: Date;
}
