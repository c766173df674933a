# What schemathesis does not know by itself: both kinds of SDP are text.
import schemathesis

schemathesis.serializer.alias(["application/sdp", "application/trickle-ice-sdpfrag"], "text/plain")
