/* What the ENet server and the ENet player have in common: one JSON line per event. */
#pragma once
#include <enet/enet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *kind_of(enet_uint32 flags)
{
    return flags & ENET_PACKET_FLAG_RELIABLE ? "reliable" : flags & ENET_PACKET_FLAG_UNSEQUENCED ? "unsequenced" : "sequenced";
}

/* The first 32 bytes of a packet are enough to recognise it by. */
static inline void record_packet(const char *event, unsigned peer, int channel, const ENetPacket *packet)
{
    printf("{\"event\":\"%s\",\"peer\":%u,\"channel\":%d,\"kind\":\"%s\",\"size\":%zu,\"head\":\"", event, peer, channel,
           kind_of(packet->flags), packet->dataLength);
    for (size_t i = 0; i < packet->dataLength && i < 32; i++) printf("%02x", packet->data[i]);
    printf("\"}\n");
}

/* The libenet this runs on, which need not be the one it was compiled with. */
static inline void record_version(void)
{
    const ENetVersion version = enet_linked_version();
    printf("{\"event\":\"libenet\",\"version\":\"%u.%u.%u\"}\n", ENET_VERSION_GET_MAJOR(version),
           ENET_VERSION_GET_MINOR(version), ENET_VERSION_GET_PATCH(version));
}

static inline bool is_text(const ENetPacket *packet, const char *text)
{
    return packet->dataLength == strlen(text) && memcmp(packet->data, text, packet->dataLength) == 0;
}

static inline ENetAddress loopback(int port)
{
    ENetAddress address = { .port = (enet_uint16)port };
    enet_address_set_host_ip(&address, "127.0.0.1");
    return address;
}
