#define _GNU_SOURCE
#include "CSockets.h"

#include <errno.h>

int torii_accept(int fd, struct sockaddr_storage *peer) {
    socklen_t length = sizeof *peer;
    int accepted = accept4(fd, (struct sockaddr *)peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}
