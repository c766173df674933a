#define _GNU_SOURCE
#include "CSockets.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

enum { BATCH = 64 };

int torii_receive_batch(int fd, struct torii_datagram *datagrams, unsigned capacity) {
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    if (capacity > BATCH) capacity = BATCH;
    for (unsigned i = 0; i < capacity; i++) {
        vectors[i] = (struct iovec){.iov_base = datagrams[i].bytes, .iov_len = datagrams[i].count};
        headers[i] = (struct mmsghdr){.msg_hdr = {
            .msg_name = &datagrams[i].peer,
            .msg_namelen = sizeof datagrams[i].peer,
            .msg_iov = &vectors[i],
            .msg_iovlen = 1,
        }};
    }
    int received = recvmmsg(fd, headers, capacity, MSG_DONTWAIT, NULL);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) {
        datagrams[i].count = headers[i].msg_len;
        datagrams[i].truncated = (headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        datagrams[i].peer_length = headers[i].msg_hdr.msg_namelen;
    }
    return received;
}

int torii_send_batch(int fd, const struct torii_datagram *datagrams, unsigned count) {
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    if (count > BATCH) count = BATCH;
    for (unsigned i = 0; i < count; i++) {
        vectors[i] = (struct iovec){.iov_base = datagrams[i].bytes, .iov_len = datagrams[i].count};
        headers[i] = (struct mmsghdr){.msg_hdr = {
            .msg_name = datagrams[i].peer_length ? (void *)&datagrams[i].peer : NULL,
            .msg_namelen = datagrams[i].peer_length,
            .msg_iov = &vectors[i],
            .msg_iovlen = 1,
        }};
    }
    int sent = sendmmsg(fd, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}
