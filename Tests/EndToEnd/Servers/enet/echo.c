/* An ENet game server without any engine: answers every packet with the same bytes on the same channel and with the
 * same delivery, and disconnects a peer that sends `kick`, or `kick DATA` to be told that.
 *
 *   echo [PORT [PEERS [ADDRESS]]]
 *
 * Prints `LISTENING port` and one JSON line per event; a peer is named by the data of its CONNECT. Obeys on standard
 * input: `kick` (everybody), `drop` (everybody, without a word), `quit`. */
#include "program.h"
#include <poll.h>
#include <unistd.h>

/* A packet to send again with the delivery the received one had. Without the fragment flag libenet would make a large
 * unreliable packet reliable. */
static ENetPacket *copy_of(const ENetPacket *packet)
{
    enet_uint32 flags = packet->flags & (ENET_PACKET_FLAG_RELIABLE | ENET_PACKET_FLAG_UNSEQUENCED);
    if (!(flags & ENET_PACKET_FLAG_RELIABLE)) flags |= ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT;
    return enet_packet_create(packet->data, packet->dataLength, flags);
}

static bool asks_for_kick(const ENetPacket *packet, enet_uint32 *data)
{
    char text[16] = "";
    if (packet->dataLength < 4 || packet->dataLength >= sizeof text) return false;
    memcpy(text, packet->data, packet->dataLength);
    *data = (enet_uint32)strtoul(text + 4, NULL, 10);
    return strncmp(text, "kick", 4) == 0;
}

/* The next line of standard input if there is one, "quit" when it has ended, otherwise NULL. */
static char *next_command(void)
{
    static char line[256];
    static size_t length;
    struct pollfd standard_input = { .fd = 0, .events = POLLIN };
    while (poll(&standard_input, 1, 0) > 0) {
        char byte;
        if (read(0, &byte, 1) != 1) return strcpy(line, "quit");
        if (byte == '\n' || length == sizeof line - 1) {
            line[length] = 0;
            length = 0;
            return line;
        }
        line[length++] = byte;
    }
    return NULL;
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    enet_initialize();
    record_version();
    ENetAddress address = loopback(count > 1 ? atoi(arguments[1]) : 0);
    if (count > 3) enet_address_set_host_ip(&address, arguments[3]);
    ENetHost *host = enet_host_create(&address, count > 2 ? (size_t)atoi(arguments[2]) : 64, 255, 0, 0);
    if (!host) {
        fprintf(stderr, "cannot listen on port %d\n", address.port);
        return 1;
    }
    enet_socket_get_address(host->socket, &address);
    printf("LISTENING %d\n", address.port);
    for (;;) {
        ENetEvent event;
        while (enet_host_service(host, &event, 2) > 0) {
            /* The event's data is the CONNECT's; peer->data keeps it for the events after. */
            if (event.type == ENET_EVENT_TYPE_CONNECT) {
                event.peer->data = (void *)(size_t)event.data;
                printf("{\"event\":\"connected\",\"peer\":%u,\"channels\":%zu}\n", event.data, event.peer->channelCount);
                continue;
            }
            unsigned name = (unsigned)(size_t)event.peer->data;
            if (event.type == ENET_EVENT_TYPE_DISCONNECT) {
                printf("{\"event\":\"disconnected\",\"peer\":%u,\"data\":%u}\n", name, event.data);
                continue;
            }
            record_packet("packet", name, event.channelID, event.packet);
            enet_uint32 data;
            if (asks_for_kick(event.packet, &data)) enet_peer_disconnect(event.peer, data);
            else enet_peer_send(event.peer, event.channelID, copy_of(event.packet));
            enet_packet_destroy(event.packet);
        }
        for (char *command; (command = next_command());) {
            if (strcmp(command, "quit") == 0) return 0;
            for (size_t i = 0; i < host->peerCount; i++) {
                if (host->peers[i].state == ENET_PEER_STATE_DISCONNECTED) continue;
                if (strcmp(command, "kick") == 0) enet_peer_disconnect(&host->peers[i], 0);
                if (strcmp(command, "drop") == 0) enet_peer_reset(&host->peers[i]);
            }
            printf("{\"event\":\"obeyed\",\"command\":\"%s\"}\n", command);
        }
    }
}
