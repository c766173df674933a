/* A native ENet player: connects to 127.0.0.1 with this CONNECT data, sends `hello` in each delivery on channels 0 and 1
 * and ends with 0 when all of them came back, with 1 and a reason otherwise.
 *
 *   player PORT [DATA] */
#include "program.h"

static int give_up(const char *reason)
{
    printf("{\"event\":\"gave_up\",\"reason\":\"%s\"}\n", reason);
    return 1;
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count < 2) return give_up("no port was given");
    enet_initialize();
    record_version();
    ENetAddress address = loopback(atoi(arguments[1]));
    ENetHost *host = enet_host_create(NULL, 1, 255, 0, 0);
    ENetPeer *peer = enet_host_connect(host, &address, 255, count > 2 ? (enet_uint32)strtoul(arguments[2], NULL, 10) : 0);
    const enet_uint32 kinds[] = { ENET_PACKET_FLAG_RELIABLE, 0, ENET_PACKET_FLAG_UNSEQUENCED };
    int missing = 6;
    enet_uint32 until = enet_time_get() + 5000;
    while (enet_time_get() < until) {
        ENetEvent event;
        if (enet_host_service(host, &event, 5) > 0) {
            if (event.type == ENET_EVENT_TYPE_DISCONNECT) return give_up("the server ended the connection");
            if (event.type == ENET_EVENT_TYPE_CONNECT) {
                printf("{\"event\":\"connected\"}\n");
                for (int i = 0; i < 6; i++)
                    enet_peer_send(peer, (enet_uint8)(i / 3), enet_packet_create("hello", 5, kinds[i % 3]));
            }
            if (event.type == ENET_EVENT_TYPE_RECEIVE) {
                record_packet("packet", 1, event.channelID, event.packet);
                if (is_text(event.packet, "hello")) missing--;
                enet_packet_destroy(event.packet);
            }
        }
        if (missing == 0) {
            enet_peer_disconnect_now(peer, 0);
            return 0;
        }
    }
    return give_up("no answer");
}
