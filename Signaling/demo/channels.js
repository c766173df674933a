// The demo's data channels, one of each kind that ENet knows. A label is an ENet channel.

/** As `join` of the client library takes them, by the name the game has for each. */
export const CHANNELS = {
  reliable: { label: '0' },
  sequenced: { label: '2', maxRetransmits: 0 },
  state: { label: '1', ordered: false, maxRetransmits: 0 },
};

export const NAMES = Object.keys(CHANNELS);
