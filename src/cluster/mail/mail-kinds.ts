/** What travels between nodes, by number. A number is never given to something else: nodes of two versions may talk to each other. Unknown kinds are ignored. */
export const MAIL_KINDS = {
  /** A question of `NodeCalls`, and its answer. */
  call: 1,
  answer: 2,
  /** Something that all nodes are told by `NodeCalls.tellAll`. */
  tell: 3,
  /** Links, from the edge to the home and back. */
  linkToHome: 4,
  linkToEdge: 5,
  /** Shares of audiences (`link/share-format.ts`). */
  shareToHome: 6,
  shareToEdge: 7,
  /** Questions and answers about channels, and what is published on them (`channels/channel-mail.ts`). */
  channels: 16,
} as const;
