#define _GNU_SOURCE
#include "CSockets.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

enum { BATCH = 64 };

static uint64_t arrival_of(struct msghdr *header) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(c), sizeof time);
        return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    }
    return 0;
}

int torii_receive_batch(
    int fd, struct torii_datagram *datagrams, unsigned capacity, uint64_t *arrival) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
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
    if (arrival && capacity > 0) {
        headers[0].msg_hdr.msg_control = control;
        headers[0].msg_hdr.msg_controllen = sizeof control;
    }
    int received = recvmmsg(fd, headers, capacity, MSG_DONTWAIT, NULL);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) {
        datagrams[i].count = headers[i].msg_len;
        datagrams[i].truncated = (headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        datagrams[i].peer_length = headers[i].msg_hdr.msg_namelen;
    }
    if (arrival) *arrival = received > 0 ? arrival_of(&headers[0].msg_hdr) : 0;
    return received;
}
