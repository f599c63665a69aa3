/** The limits of tokens that their issuer, the options and the command line share. */

/** Letters of a token. More would not fit into the head of a request, beside the rest of it. */
export const MAX_TOKEN_LENGTH = 8_192;

/** Seconds that a token may count at most, and that a refresh token gets new ones: 30 days. */
export const MAX_TOKEN_SECONDS = 30 * 86_400;
