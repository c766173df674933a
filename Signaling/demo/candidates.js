// Which ICE candidate pair carries the session, out of getStats().

/** `{local, remote, rtt}`: two `{type, protocol, address, port}` and seconds or null; null before there is a pair. */
export async function candidatePair(pc) {
  const stats = new Map(await pc.getStats());
  const pair = selected(stats);
  if (!pair) return null;
  return {
    local: candidate(stats.get(pair.localCandidateId)),
    remote: candidate(stats.get(pair.remoteCandidateId)),
    rtt: Number.isFinite(pair.currentRoundTripTime) ? pair.currentRoundTripTime : null,
  };
}

function selected(stats) {
  const all = [...stats.values()];
  const transport = all.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  return stats.get(transport?.selectedCandidatePairId)
    ?? all.find((one) => one.type === 'candidate-pair' && one.selected) // Firefox
    ?? null;
}

const candidate = (stat) => stat && {
  type: stat.candidateType,
  protocol: stat.protocol,
  address: stat.address ?? '', // empty where the browser keeps its own address private
  port: stat.port,
};
