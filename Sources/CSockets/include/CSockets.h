// Calls that Glibc's Swift module lacks or that need _GNU_SOURCE.
#ifndef TORII_CSOCKETS_H
#define TORII_CSOCKETS_H

#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

/// One datagram of a batch: where its bytes are, how many, and its peer.
struct torii_datagram {
    void *bytes;
    uint32_t count;
    uint32_t truncated; // receive only: 1 when the datagram was larger than `count`
    struct sockaddr_storage peer;
    socklen_t peer_length; // send: 0 on a connected socket
};

/// recvmmsg(2) with MSG_DONTWAIT: fills up to `capacity` (64 at most) datagrams, whose
/// `count` names the room on entry and the length on return. Returns how many, or -errno.
/// `arrival`, where there is one, gets the time of CLOCK_REALTIME in nanoseconds at which the
/// first of them reached the kernel; 0 when the socket has no SO_TIMESTAMPNS.
int torii_receive_batch(
    int fd, struct torii_datagram *datagrams, unsigned capacity, uint64_t *arrival);

/// sendmmsg(2) with MSG_DONTWAIT: returns how many datagrams (64 at most) were sent, or -errno, which is the first one's.
///
/// Those in a row that go to the same peer and are of one size, but for a shorter last one, are one message that the kernel
/// cuts (UDP_SEGMENT, udp(7)): it goes through the kernel once, and costs little more than one of them would. Where the
/// kernel refuses that they are sent one by one.
int torii_send_batch(int fd, const struct torii_datagram *datagrams, unsigned count);

/// accept4(2): a non-blocking connection closed on exec and where it comes from, or -errno.
int torii_accept(int fd, struct sockaddr_storage *peer);

#endif
