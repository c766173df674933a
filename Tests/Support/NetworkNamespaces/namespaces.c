#define _GNU_SOURCE
#include "NetworkNamespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

// A namespace is the calling thread's, so both functions are back in their own before they return.
static void return_to(int own) {
    if (setns(own, CLONE_NEWNET) != 0) {
        perror("cannot return to the network namespace this thread came from");
        abort();
    }
    close(own);
}

int torii_may_use_network_namespaces(void) {
    int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (own < 0) return 0;
    if (unshare(CLONE_NEWNET) != 0) {
        close(own);
        return 0;
    }
    return_to(own);
    return 1;
}

int torii_socket_in_namespace(const char *path, int family, int type) {
    int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    int result = -1, error = errno;
    if (own >= 0 && other >= 0 && setns(other, CLONE_NEWNET) == 0) {
        result = socket(family, type | SOCK_CLOEXEC, 0);
        error = errno;
        return_to(own);
        own = -1;
    } else {
        error = errno;
    }
    if (own >= 0) close(own);
    if (other >= 0) close(other);
    errno = error;
    return result;
}
