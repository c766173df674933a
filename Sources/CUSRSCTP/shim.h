// usrsctp as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CUSRSCTP_SHIM_H
#define TORII_CUSRSCTP_SHIM_H

#include <usrsctp.h>

// usrsctp answers this option but its installed header leaves it out: how many bytes wait for an acknowledgement
// or for their first sending.
enum { TORII_SCTP_GET_SNDBUF_USE = 0x00001101 };

// All policies of partial reliability together (RFC 7496 §4.4), which the installed header leaves out, too.
enum { TORII_SCTP_PR_SCTP_ALL = 0x000f };

struct torii_sctp_sockstat {
    sctp_assoc_t assoc_id;
    uint32_t send_buffer_bytes;
    uint32_t receive_buffer_bytes;
};

static inline struct linger torii_linger_zero(void) {
    return (struct linger){.l_onoff = 1, .l_linger = 0};
}

#endif
