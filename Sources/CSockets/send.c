#define _GNU_SOURCE
#include "CSockets.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

// The kernel cuts one message into 64 datagrams at most (UDP_MAX_SEGMENTS, udp(7)), and takes no more than what would fit
// into one datagram.
enum { BATCH = 64, LARGEST_MESSAGE = 65000 };

struct batch {
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    unsigned runs[BATCH]; // datagrams in each message
    _Alignas(struct cmsghdr) char controls[BATCH][CMSG_SPACE(sizeof(uint16_t))];
};

static bool have_same_peer(const struct torii_datagram *a, const struct torii_datagram *b) {
    return a->peer_length == b->peer_length && memcmp(&a->peer, &b->peer, a->peer_length) == 0;
}

// How many datagrams from the first on can be one message: those to the same peer and of its size, and one shorter.
static unsigned run_length(const struct torii_datagram *datagrams, unsigned count) {
    uint32_t size = datagrams[0].count, total = size;
    unsigned length = 1;
    while (length < count && size > 0 && datagrams[length - 1].count == size) {
        const struct torii_datagram *next = &datagrams[length];
        if (next->count == 0 || next->count > size || total + next->count > LARGEST_MESSAGE) break;
        if (!have_same_peer(datagrams, next)) break;
        total += next->count;
        length++;
    }
    return length;
}

static void cut_into(uint16_t size, struct msghdr *header, char *control) {
    memset(control, 0, CMSG_SPACE(sizeof size));
    header->msg_control = control;
    header->msg_controllen = CMSG_SPACE(sizeof size);
    struct cmsghdr *segment = CMSG_FIRSTHDR(header);
    segment->cmsg_level = SOL_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(segment), &size, sizeof size);
}

// Returns how many messages there are.
static unsigned fill(
    struct batch *batch, const struct torii_datagram *datagrams, unsigned count, bool in_runs) {
    unsigned messages = 0;
    for (unsigned i = 0; i < count; messages++) {
        unsigned length = in_runs ? run_length(datagrams + i, count - i) : 1;
        for (unsigned j = i; j < i + length; j++) {
            batch->vectors[j] = (struct iovec){.iov_base = datagrams[j].bytes, .iov_len = datagrams[j].count};
        }
        batch->headers[messages] = (struct mmsghdr){.msg_hdr = {
            .msg_name = datagrams[i].peer_length ? (void *)&datagrams[i].peer : NULL,
            .msg_namelen = datagrams[i].peer_length,
            .msg_iov = &batch->vectors[i],
            .msg_iovlen = length,
        }};
        if (length > 1) {
            cut_into((uint16_t)datagrams[i].count, &batch->headers[messages].msg_hdr, batch->controls[messages]);
        }
        batch->runs[messages] = length;
        i += length;
    }
    return messages;
}

// Returns how many datagrams were sent, or -errno.
static int send_messages(int fd, struct batch *batch, unsigned messages) {
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    // Alone it goes out a little sooner by the plain call.
    int sent = messages == 1 ? sendmsg(fd, &batch->headers[0].msg_hdr, flags)
                             : sendmmsg(fd, batch->headers, messages, flags);
    if (sent < 0) return -errno;
    if (messages == 1) return (int)batch->runs[0];
    int datagrams = 0;
    for (int i = 0; i < sent; i++) datagrams += (int)batch->runs[i];
    return datagrams;
}

// What says that this way's datagrams cannot be cut by the kernel: they are larger than its MTU, or it encrypts.
static bool is_refusal_to_cut(int result) {
    return result == -EMSGSIZE || result == -EINVAL || result == -EIO;
}

int torii_send_batch(int fd, const struct torii_datagram *datagrams, unsigned count) {
    struct batch batch;
    if (count > BATCH) count = BATCH;
    if (count == 0) return 0;
    int result = send_messages(fd, &batch, fill(&batch, datagrams, count, true));
    if (batch.runs[0] > 1 && is_refusal_to_cut(result)) {
        result = send_messages(fd, &batch, fill(&batch, datagrams, batch.runs[0], false));
    }
    return result;
}
