// A bare UDP relay before game servers: what any gateway must at least do, and nothing else. "The limit".
//
//   BenchmarkRelay ADDRESS PORT SERVER_ADDRESS SERVER_PORT SERVERS PLAYERS
//
// Whoever sends to ADDRESS:PORT gets a socket of its own, connected to one of the servers, which are at as many ports from
// SERVER_PORT on and are taken in turn; datagrams pass both ways as they are. Nobody is forgotten, and who comes after
// PLAYERS is not heard. What comes from players is read in batches, and what goes to them is written in batches. Prints
// "READY". Ends when its standard input does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SIZE = 2048, // bytes of the largest datagram
    BATCH = 64,
    TABLE = 1 << 15,               // places for players; a power of two, and far more than there may be players
    LISTENER = -1, INPUT = -2,     // what epoll says instead of a player's number
    BUFFER = 4 << 20               // bytes the kernel may keep for the players' socket
};

struct player {
    struct sockaddr_in address;
    int socket;
};

static struct player *players;
static int32_t *places; // numbers of players by address, one more than they are; 0 is a free place
static int count, most;
static struct sockaddr_in server;
static int servers;
static int poller;

static struct mmsghdr heads[BATCH];
static struct iovec vectors[BATCH];
static struct sockaddr_in addresses[BATCH];
static uint8_t bytes[BATCH][SIZE];

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int descriptor, int32_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(int64_t)number};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("cannot watch a socket");
}

// The number of a player who is new, or -1.
static int admit(const struct sockaddr_in *address) {
    if (count == most) return -1;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in its_server = server;
    its_server.sin_port = htons((uint16_t)(ntohs(server.sin_port) + count % servers));
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&its_server, sizeof its_server) != 0) fail("no way to a server");
    players[count] = (struct player){.address = *address, .socket = descriptor};
    watch(descriptor, count);
    return count++;
}

static int find(const struct sockaddr_in *address) {
    uint64_t key = (uint64_t)address->sin_addr.s_addr << 16 | address->sin_port;
    uint64_t place = key * 0x9E3779B97F4A7C15ULL >> 40;
    for (;; place++) {
        int32_t *number = &places[place % TABLE];
        if (*number == 0) {
            *number = admit(address) + 1;
            return *number - 1;
        }
        const struct sockaddr_in *other = &players[*number - 1].address;
        if (other->sin_port == address->sin_port && other->sin_addr.s_addr == address->sin_addr.s_addr) return *number - 1;
    }
}

static void from_players(int listener) {
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            vectors[i].iov_len = SIZE;
            heads[i].msg_hdr.msg_namelen = sizeof addresses[i];
        }
        int read = recvmmsg(listener, heads, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < read; i++) {
            int number = find(&addresses[i]);
            if (number >= 0) send(players[number].socket, bytes[i], heads[i].msg_len, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        if (read < BATCH) return;
    }
}

static int pending;

static void write_out(int listener) {
    for (int sent = 0; sent < pending;) {
        int now = sendmmsg(listener, heads + sent, (unsigned)(pending - sent), MSG_DONTWAIT);
        // What the kernel does not take is lost, as on any network.
        sent += now > 0 ? now : 1;
    }
    pending = 0;
}

static void from_server(int listener, int number) {
    for (;;) {
        ssize_t length = recv(players[number].socket, bytes[pending], SIZE, MSG_DONTWAIT);
        if (length < 0) return;
        vectors[pending].iov_len = (size_t)length;
        addresses[pending] = players[number].address;
        heads[pending].msg_hdr.msg_namelen = sizeof addresses[pending];
        if (++pending == BATCH) write_out(listener);
    }
}

int main(int argument_count, char **arguments) {
    if (argument_count < 7) {
        fprintf(stderr, "BenchmarkRelay ADDRESS PORT SERVER_ADDRESS SERVER_PORT SERVERS PLAYERS\n");
        return 64;
    }
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[4]))};
    servers = atoi(arguments[5]);
    most = atoi(arguments[6]);
    if (inet_pton(AF_INET, arguments[1], &own.sin_addr) != 1 || inet_pton(AF_INET, arguments[3], &server.sin_addr) != 1 ||
        servers < 1 || most < 1 || most > TABLE / 2)
        return 64;
    players = calloc((size_t)most, sizeof *players);
    places = calloc(TABLE, sizeof *places);
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    for (int i = 0; i < BATCH; i++) {
        vectors[i].iov_base = bytes[i];
        heads[i].msg_hdr = (struct msghdr){.msg_name = &addresses[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    int listener = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = BUFFER;
    if (!players || !places || poller < 0 || listener < 0) fail("cannot begin");
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) != 0) fail("cannot listen");
    watch(listener, LISTENER);
    watch(0, INPUT);
    printf("READY\n");
    fflush(stdout);
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(poller, events, 256, -1), has_listener = 0;
        for (int i = 0; i < ready; i++) {
            int64_t number = (int64_t)events[i].data.u64;
            if (number == INPUT) return 0;
            if (number == LISTENER) has_listener = 1;
            else from_server(listener, (int)number);
        }
        if (pending > 0) write_out(listener);
        if (has_listener) from_players(listener);
    }
}
