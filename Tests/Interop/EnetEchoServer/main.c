// A plain libenet server over a real socket, with libenet's own platform layer: the other side of ENetTests' interop
// suite. It is a process of its own, because the tests' process replaces that layer.
//
//   EnetEchoServer PORT CHANNEL_LIMIT [INCOMING_BANDWIDTH [range-coder]]
//
// Prints "libenet VERSION", "port N" (the one chosen when PORT is 0), then "connect DATA CHANNELS" and "disconnect DATA" as they happen.
// Echoes each packet on its channel with its flags, except these reliable commands on channel 0:
//   kick   disconnect with data 42
//   later  send 200 numbered reliable packets of 1,000 bytes, then disconnect_later with data 43
//   die    exit without a word
// Ends by itself when its standard input is closed, so that it cannot outlive the test.
#include <enet/enet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_command(const ENetPacket *packet, const char *name) {
    return packet->dataLength == strlen(name) && memcmp(packet->data, name, packet->dataLength) == 0;
}

static void send_numbered_then_disconnect(ENetPeer *peer) {
    for (int number = 0; number < 200; number++) {
        enet_uint8 bytes[1000];
        memset(bytes, number, sizeof bytes);
        enet_peer_send(peer, 0, enet_packet_create(bytes, sizeof bytes, ENET_PACKET_FLAG_RELIABLE));
    }
    enet_peer_disconnect_later(peer, 43);
}

static void echo(ENetPeer *peer, enet_uint8 channel, const ENetPacket *packet) {
    enet_uint32 flags = packet->flags & (ENET_PACKET_FLAG_RELIABLE | ENET_PACKET_FLAG_UNSEQUENCED);
    if (!(flags & ENET_PACKET_FLAG_RELIABLE)) flags |= ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT;
    enet_peer_send(peer, channel, enet_packet_create(packet->data, packet->dataLength, flags));
}

static void receive(ENetPeer *peer, enet_uint8 channel, const ENetPacket *packet) {
    if (channel == 0 && is_command(packet, "kick")) {
        enet_peer_disconnect(peer, 42);
    } else if (channel == 0 && is_command(packet, "later")) {
        send_numbered_then_disconnect(peer);
    } else if (channel == 0 && is_command(packet, "die")) {
        _exit(0);
    } else {
        echo(peer, channel, packet);
    }
}

static int is_input_closed(void) {
    char byte;
    return read(STDIN_FILENO, &byte, 1) == 0;
}

int main(int argc, char **argv) {
    if (argc < 3 || enet_initialize() != 0) return 2;
    ENetAddress address = {.port = (enet_uint16)atoi(argv[1])};
    enet_address_set_host(&address, "127.0.0.1");
    ENetHost *host = enet_host_create(&address, 4, (size_t)atoi(argv[2]), argc > 3 ? (enet_uint32)atoi(argv[3]) : 0, 0);
    if (host == NULL) return 1;
    if (argc > 4 && strcmp(argv[4], "range-coder") == 0 && enet_host_compress_with_range_coder(host) != 0) return 1;
    // After CONNECT with this data word the peer is forgotten without a word, as a Godot server does when it refuses.
    const enet_uint32 refused = 0xDEAD;
    setvbuf(stdout, NULL, _IOLBF, 0);
    const ENetVersion version = enet_linked_version();
    printf("libenet %u.%u.%u\n", ENET_VERSION_GET_MAJOR(version), ENET_VERSION_GET_MINOR(version),
           ENET_VERSION_GET_PATCH(version));
    printf("port %u\n", host->address.port);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    while (!is_input_closed()) {
        ENetEvent event;
        for (int wait = 20; enet_host_service(host, &event, wait) > 0; wait = 0) {
            switch (event.type) {
            case ENET_EVENT_TYPE_CONNECT:
                printf("connect %u %zu\n", event.data, event.peer->channelCount);
                if (event.data == refused) enet_peer_reset(event.peer);
                break;
            case ENET_EVENT_TYPE_DISCONNECT:
                printf("disconnect %u\n", event.data);
                break;
            case ENET_EVENT_TYPE_RECEIVE:
                receive(event.peer, event.channelID, event.packet);
                enet_packet_destroy(event.packet);
                break;
            default:
                break;
            }
        }
    }
    enet_host_destroy(host);
    return 0;
}
