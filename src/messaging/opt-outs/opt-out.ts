/** A STOP: no commercial SMS of this tenant to this number, those already accepted included, until it is removed. */
export interface OptOut {
  readonly id: string;
  /** E.164. */
  readonly phoneNumber: string;
  /** "api": the tenant said so; "reply": the handset did. */
  readonly source: string;
  readonly createdAt: Date;
}
