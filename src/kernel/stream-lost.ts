/** Says why a stream of changes has a gap: whoever reads it begins anew, and sees the present state first. */
export class StreamLost extends Error {}
