/** RFC 6455 (below 4000) and graphql-transport-ws (above). Its clients come back by themselves after the former. */
export const CLOSE = {
  goingAway: 1001,
  /** What was streamed has a gap: come back and begin with the present state. */
  restart: 1012,
  tryAgainLater: 1013,
  unauthorized: 4401,
  forbidden: 4403,
  internalError: 4500,
} as const;
