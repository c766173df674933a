/* A native player of the demo's world in plain libenet, who only looks: one JSON line for each player that joins or
 * leaves, for each line of chat and each ripple, and for the first step each player takes. Runs until its standard
 * input ends.
 *
 *   observer PORT */
#include "program.h"
#include <poll.h>
#include <string.h>

enum { RELIABLE_CHANNEL = 0, STATE_CHANNEL = 1, PLAYERS = 65536 };

struct place {
    int known, moved;
    unsigned char bytes[8];
};

static struct place places[PLAYERS];

static unsigned read_u16(const unsigned char *bytes)
{
    return bytes[0] | (unsigned)bytes[1] << 8;
}

static void print_text(const char *name, const unsigned char *bytes, size_t length)
{
    printf(",\"%s\":\"", name);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\') putchar(bytes[i]);
    printf("\"}\n");
}

static void see_reliable(const unsigned char *bytes, size_t length)
{
    if (length < 3) return;
    unsigned id = read_u16(bytes + 1);
    if (bytes[0] == 0x21 && length >= 6) {
        printf("{\"event\":\"joined\",\"id\":%u,\"kind\":\"%s\"", id, bytes[3] == 1 ? "web" : "native");
        print_text("name", bytes + 6, length - 6);
    } else if (bytes[0] == 0x22) {
        printf("{\"event\":\"left\",\"id\":%u}\n", id);
    } else if (bytes[0] == 0x23) {
        printf("{\"event\":\"chat\",\"id\":%u", id);
        print_text("text", bytes + 3, length - 3);
    } else if (bytes[0] == 0x24) {
        printf("{\"event\":\"ripple\",\"id\":%u}\n", id);
    }
}

static void see_snapshot(const unsigned char *bytes, size_t length)
{
    if (length < 7 || bytes[0] != 0x30) return;
    for (const unsigned char *entry = bytes + 7; entry + 10 <= bytes + length; entry += 10) {
        struct place *place = &places[read_u16(entry)];
        if (place->known && !place->moved && memcmp(place->bytes, entry + 2, 8) != 0) {
            place->moved = 1;
            printf("{\"event\":\"moved\",\"id\":%u}\n", read_u16(entry));
        }
        if (!place->known) memcpy(place->bytes, entry + 2, 8);
        place->known = 1;
    }
}

static int input_ended(void)
{
    struct pollfd standard_input = { .fd = 0, .events = POLLIN };
    return poll(&standard_input, 1, 0) > 0;
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count < 2) return 2;
    enet_initialize();
    ENetAddress address = loopback(atoi(arguments[1]));
    ENetHost *host = enet_host_create(NULL, 1, 2, 0, 0);
    ENetPeer *peer = enet_host_connect(host, &address, 2, 0);
    while (!input_ended()) {
        ENetEvent event;
        if (enet_host_service(host, &event, 5) <= 0) continue;
        if (event.type == ENET_EVENT_TYPE_CONNECT) {
            const char hello[] = "\x10\x00Observer";
            enet_peer_send(peer, RELIABLE_CHANNEL, enet_packet_create(hello, sizeof hello - 1, ENET_PACKET_FLAG_RELIABLE));
            printf("{\"event\":\"connected\"}\n");
        } else if (event.type == ENET_EVENT_TYPE_RECEIVE) {
            if (event.channelID == STATE_CHANNEL)
                see_snapshot(event.packet->data, event.packet->dataLength);
            else
                see_reliable(event.packet->data, event.packet->dataLength);
            enet_packet_destroy(event.packet);
        } else if (event.type == ENET_EVENT_TYPE_DISCONNECT) {
            printf("{\"event\":\"disconnected\"}\n");
        }
    }
    enet_peer_disconnect_now(peer, 0);
    return 0;
}
