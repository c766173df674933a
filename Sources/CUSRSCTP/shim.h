// usrsctp as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CUSRSCTP_SHIM_H
#define TORII_CUSRSCTP_SHIM_H

#include <usrsctp.h>

// usrsctp answers this option but its installed header leaves it out: how many bytes wait for an acknowledgement
// or for their first sending.
enum { TORII_SCTP_GET_SNDBUF_USE = 0x00001101 };

struct torii_sctp_sockstat {
    sctp_assoc_t assoc_id;
    uint32_t send_buffer_bytes;
    uint32_t receive_buffer_bytes;
};

static inline struct linger torii_linger_zero(void) {
    return (struct linger){.l_onoff = 1, .l_linger = 0};
}

#endif
