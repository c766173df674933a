// Game servers in plain libenet that send every packet back with the delivery it had, and say nothing about it.
//
//   BenchmarkServer ADDRESS PORT PEERS [numbered] [hosts=N] [state=HZ]
//
// Prints "READY". Ends when its standard input does. With `numbered`, each reliable packet of a peer's begins with its number,
// from 0 on, little-endian in 32 bits; for one that does not follow the last, it prints a line that begins with "WRONG".
// With `hosts`, there are N of them at as many ports from PORT on, each for PEERS. With `state`, each sends all its peers
// 100 bytes so many times a second, unsequenced and at once; they begin with the time, CLOCK_MONOTONIC's nanoseconds,
// little-endian in 64 bits.
#define _GNU_SOURCE
#include <enet/enet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATE_SIZE = 100, MOST_HOSTS = 64 };

// libenet's timers are looked at this often, what arrives at once.
static const int64_t TICK = 10000000;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// What the peer's next reliable packet is to begin with is in its data.
static void check_number(const ENetEvent *event) {
    if (!(event->packet->flags & ENET_PACKET_FLAG_RELIABLE) || event->packet->dataLength < 4) return;
    const enet_uint8 *bytes = event->packet->data;
    uint32_t number = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    uint32_t expected = (uint32_t)(uintptr_t)event->peer->data;
    if (number != expected) {
        printf("WRONG: the packet %u came to the server where %u was due\n", number, expected);
        fflush(stdout);
    }
    event->peer->data = (void *)(uintptr_t)(number + 1);
}

static void send_back(const ENetEvent *event) {
    enet_uint32 flags = event->packet->flags & (ENET_PACKET_FLAG_RELIABLE | ENET_PACKET_FLAG_UNSEQUENCED);
    enet_peer_send(event->peer, event->channelID,
                   enet_packet_create(event->packet->data, event->packet->dataLength, flags));
    enet_packet_destroy(event->packet);
}

static void send_state(ENetHost *host) {
    enet_uint8 state[STATE_SIZE] = {0};
    int64_t time = now();
    for (int i = 0; i < 8; i++) state[i] = (enet_uint8)(time >> 8 * i);
    enet_host_broadcast(host, 0, enet_packet_create(state, STATE_SIZE, ENET_PACKET_FLAG_UNSEQUENCED));
    enet_host_flush(host);
}

// All that has come at once: libenet walks its peers for each call.
static void serve(ENetHost *host, int is_numbered) {
    enet_host_service(host, NULL, 0);
    ENetEvent event;
    int has_answers = 0;
    while (enet_host_check_events(host, &event) > 0) {
        if (event.type == ENET_EVENT_TYPE_CONNECT) event.peer->data = NULL;
        if (event.type != ENET_EVENT_TYPE_RECEIVE) continue;
        if (is_numbered) check_number(&event);
        send_back(&event);
        has_answers = 1;
    }
    if (has_answers) enet_host_flush(host);
}

int main(int count, char **arguments) {
    if (count < 4 || enet_initialize() != 0) return 64;
    int is_numbered = 0, host_count = 1, rate = 0;
    for (int i = 4; i < count; i++) {
        if (strcmp(arguments[i], "numbered") == 0) is_numbered = 1;
        else if (sscanf(arguments[i], "hosts=%d", &host_count) != 1 && sscanf(arguments[i], "state=%d", &rate) != 1) return 64;
    }
    if (host_count < 1 || host_count > MOST_HOSTS || rate < 0) return 64;
    ENetHost *hosts[MOST_HOSTS];
    struct pollfd watched[MOST_HOSTS + 1] = {{.fd = 0, .events = POLLIN}};
    for (int i = 0; i < host_count; i++) {
        ENetAddress address = {.port = (enet_uint16)(atoi(arguments[2]) + i)};
        if (enet_address_set_host_ip(&address, arguments[1]) != 0) return 64;
        hosts[i] = enet_host_create(&address, (size_t)atoi(arguments[3]), 2, 0, 0);
        if (!hosts[i]) {
            fprintf(stderr, "cannot listen on %s:%d\n", arguments[1], address.port);
            return 1;
        }
        watched[i + 1] = (struct pollfd){.fd = hosts[i]->socket, .events = POLLIN};
    }
    printf("READY\n");
    fflush(stdout);
    int64_t next_tick = now(), next_state = rate ? now() : INT64_MAX;
    for (;;) {
        int64_t wait = (next_tick < next_state ? next_tick : next_state) - now();
        struct timespec timeout = {.tv_nsec = wait > 0 ? wait : 0};
        ppoll(watched, (nfds_t)host_count + 1, &timeout, NULL);
        if (watched[0].revents) return 0;
        int is_tick = next_tick <= now(), is_state = next_state <= now();
        for (int i = 0; i < host_count; i++) {
            if (is_tick || watched[i + 1].revents) serve(hosts[i], is_numbered);
            if (is_state) send_state(hosts[i]);
        }
        if (is_tick) next_tick = now() + TICK;
        if (is_state) next_state += 1000000000LL / rate;
    }
}
