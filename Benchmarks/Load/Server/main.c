// A game server in plain libenet that sends every packet back with the delivery it had, and says nothing about it.
//
//   BenchmarkServer ADDRESS PORT PEERS [numbered]
//
// Prints "READY". Ends when its standard input does. With `numbered`, each reliable packet of a peer's begins with its number,
// from 0 on, little-endian in 32 bits; for one that does not follow the last, it prints a line that begins with "WRONG".
#include <enet/enet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(int count, char **arguments) {
    if (count < 4 || enet_initialize() != 0) return 64;
    ENetAddress address = {.port = (enet_uint16)atoi(arguments[2])};
    if (enet_address_set_host_ip(&address, arguments[1]) != 0) return 64;
    ENetHost *host = enet_host_create(&address, (size_t)atoi(arguments[3]), 2, 0, 0);
    if (!host) {
        fprintf(stderr, "cannot listen on %s:%s\n", arguments[1], arguments[2]);
        return 1;
    }
    printf("READY\n");
    fflush(stdout);
    struct pollfd watched[2] = {{.fd = host->socket, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    int is_numbered = count > 4;
    for (;;) {
        // libenet's timers are looked at every 10 ms, what arrives at once.
        poll(watched, 2, 10);
        if (watched[1].revents) return 0;
        ENetEvent event;
        while (enet_host_service(host, &event, 0) > 0) {
            if (event.type == ENET_EVENT_TYPE_CONNECT) event.peer->data = NULL;
            if (event.type != ENET_EVENT_TYPE_RECEIVE) continue;
            if (is_numbered) check_number(&event);
            send_back(&event);
        }
        enet_host_flush(host);
    }
}
